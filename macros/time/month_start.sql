{#- The first day, in the project's time zone, of the month that holds a moment. -#}
{% macro month_start(moment) -%}
    toStartOfMonth(toTimeZone({{ moment }}, '{{ var("time_zone") }}'))
{%- endmacro %}
