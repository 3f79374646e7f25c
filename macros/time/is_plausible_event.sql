{#- An event cannot be older than the platforms (YouTube began in 2005) nor be seen before it happened; clocks may
    differ by var clock_skew_minutes. -#}
{% macro is_plausible_event(happened_at, seen_at) -%}
    ({{ happened_at }} >= toDateTime('2005-01-01 00:00:00', 'UTC')
        and {{ happened_at }} <= {{ seen_at }} + interval {{ var('clock_skew_minutes') }} minute)
{%- endmacro %}
