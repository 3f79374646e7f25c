{#- In an incremental run of build_account_series: the accounts and periods to build, and the time from which their
    events can date, which spares reading the partitions before. -#}
{% macro is_touched_period() -%}
    {%- if is_incremental() -%}
    (platform_id, date) in (select platform_id, date from touched)
        and event_at >= (select toDateTime(min(date), '{{ var("time_zone") }}') from touched)
            - interval {{ var('clock_skew_minutes') }} minute
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}
