{{ config(materialized='table', tags=['daily']) }}
-- Grain: one row per channel seen within the longest window.
-- A window's length in days, and how old the snapshot that stands for the level at one of its ends may be: snapshots
-- come daily at best and weekly for old ones.
{%- set windows = {7: 3, 30: 7, 365: 30} %}
{%- set metrics = {'followers': 'followers', 'views': 'views_total', 'uploads': 'uploads_total'} %}
with snapshots as (
    select
        profile_id as channel_id,
        {{ event_position() }} as position,
        toDateTime({{ as_of_date() }}, '{{ var("time_zone") }}') as until,
        event_at,
        followers,
        views_total,
        uploads_total
    from {{ ref_latest('stg_beat_profile_log') }}
    where
        platform = 'YOUTUBE'
        and {{ ingested_until('ingested_at') }}
        and event_at < until
        and event_at >= until - interval {{ 365 + windows[365] }} day
),

levels as (
    select
        channel_id,
        argMax(followers, position) as last_followers,
        {%- for days, tolerance in windows.items() %}
        {%- for metric, column in metrics.items() %}
        argMaxIf({{ column }}, position, event_at >= until - interval {{ tolerance }} day)
            as {{ metric }}_end_{{ days }}d,
        argMaxIf(
            {{ column }},
            position,
            event_at < until - interval {{ days }} day
            and event_at >= until - interval {{ days + tolerance }} day
        ) as {{ metric }}_start_{{ days }}d,
        {%- endfor %}
        {%- endfor %}
        max(event_at) as last_event_at
    from snapshots
    group by channel_id
)

select
    channel_id,
    last_followers as followers,
    {%- for days in windows %}
    followers_end_{{ days }}d - followers_start_{{ days }}d as followers_growth_{{ days }}d,
    {%- endfor %}
    {%- for days in windows %}
    {{ clean_count('views_end_' ~ days ~ 'd - views_start_' ~ days ~ 'd') }} as views_{{ days }}d,
    {%- endfor %}
    {%- for days in windows %}
    {{ clean_count('uploads_end_' ~ days ~ 'd - uploads_start_' ~ days ~ 'd') }} as uploads_{{ days }}d,
    {%- endfor %}
    {%- for days in windows %}
    100 * {{ divide('followers_growth_' ~ days ~ 'd', 'followers_start_' ~ days ~ 'd') }}
        as followers_growth_{{ days }}d_pct,
    {%- endfor %}
    100 * {{ divide('views_30d', 'views_start_30d') }} as views_growth_30d_pct,
    100 * {{ divide('uploads_30d', 'uploads_start_30d') }} as uploads_growth_30d_pct,
    last_event_at,
    toDateTime({{ as_of() }}, 'UTC') as computed_as_of
from levels
