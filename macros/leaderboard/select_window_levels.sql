{#- Levels of the accounts of a platform at both ends of windows that end at d, the day of as_of(), one row per account:
    <metric>_end_<days>d and <metric>_start_<days>d. The level at an end is that of the last snapshot before it that
    knows the metric, by (event time, event id), and no older than list_growth_windows() says; else NULL. `metrics` maps
    names to columns of the profile log. Snapshots that stand for no end are not read, unless every_snapshot, with which
    last_<metric> and last_event_at are of all snapshots within the longest window. `touched` where carry_over() may ask for some accounts alone. -#}
{% macro select_window_levels(platform, days, metrics, every_snapshot=false, touched=false) -%}
{%- set tolerances = list_growth_windows() -%}
{%- set longest = days | max -%}
select
    profile_id,
    {%- for window in days %}
    {%- for metric, column in metrics.items() %}
    argMaxIf({{ column }}, position, event_at >= until - interval {{ tolerances[window] }} day)
        as {{ metric }}_end_{{ window }}d,
    argMaxIf(
        {{ column }},
        position,
        event_at < until - interval {{ window }} day
        and event_at >= until - interval {{ window + tolerances[window] }} day
    ) as {{ metric }}_start_{{ window }}d,
    {%- endfor %}
    {%- endfor %}
    {%- if every_snapshot %}
    {%- for metric, column in metrics.items() %}
    argMax({{ column }}, position) as last_{{ metric }},
    {%- endfor %}
    {%- endif %}
    max(event_at) as last_event_at
from (
    select
        profile_id,
        {{ event_position() }} as position,
        toDateTime({{ as_of_date() }}, '{{ var("time_zone") }}') as until,
        event_at,
        {{ metrics.values() | join(',\n        ') }}
    from {{ ref_latest('stg_beat_profile_log') }}
    where
        platform = '{{ platform }}'
        and {{ ingested_until('ingested_at') }}
        and event_at < until
        and event_at >= until - interval {{ longest + tolerances[longest] }} day
        {%- if touched %}
        and {{ if_touched('profile_id in (select touched.key from touched)') }}
        {%- endif %}
        {%- if not every_snapshot %}
        and (
            event_at >= until - interval {{ tolerances[longest] }} day
            {%- for window in days %}
            or (
                event_at < until - interval {{ window }} day
                and event_at >= until - interval {{ window + tolerances[window] }} day
            )
            {%- endfor %}
        )
        {%- endif %}
)
group by profile_id
{%- endmacro %}
