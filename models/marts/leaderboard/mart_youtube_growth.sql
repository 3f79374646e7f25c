{{ config(materialized='table', tags=['daily']) }}
-- Grain: one row per channel seen within the longest window.
{%- set windows = [7, 30, 365] %}
with levels as (
    {{ select_window_levels(
        'YOUTUBE', windows, {'followers': 'followers', 'views': 'views_total', 'uploads': 'uploads_total'},
        every_snapshot=true
    ) | indent }}
)

select
    profile_id as channel_id,
    last_followers as followers,
    {%- for days in windows %}
    followers_end_{{ days }}d - followers_start_{{ days }}d as followers_growth_{{ days }}d,
    {%- endfor %}
    {%- for days in windows %}
    {{ clean_count('views_end_' ~ days ~ 'd - views_start_' ~ days ~ 'd') }} as views_growth_{{ days }}d,
    {%- endfor %}
    {%- for days in windows %}
    {{ clean_count('uploads_end_' ~ days ~ 'd - uploads_start_' ~ days ~ 'd') }} as uploads_growth_{{ days }}d,
    {%- endfor %}
    {%- for days in windows %}
    100 * {{ divide('followers_growth_' ~ days ~ 'd', 'followers_start_' ~ days ~ 'd') }}
        as followers_growth_{{ days }}d_pct,
    {%- endfor %}
    100 * {{ divide('views_growth_30d', 'views_start_30d') }} as views_growth_30d_pct,
    100 * {{ divide('uploads_growth_30d', 'uploads_start_30d') }} as uploads_growth_30d_pct,
    {%- for days in windows %}
    -- Within the window YouTube began to count another thing as a view: its views_growth compares two counts.
    {{ crosses_definition_change('YOUTUBE', 'views', days) }} as crosses_definition_change_{{ days }}d,
    {%- endfor %}
    last_event_at,
    toDateTime({{ as_of() }}, 'UTC') as computed_as_of
from levels
