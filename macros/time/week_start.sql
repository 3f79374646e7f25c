{#- The Sunday, in the project's time zone, of the week that holds a moment. -#}
{% macro week_start(moment) -%}
    toStartOfWeek(toTimeZone({{ moment }}, '{{ var("time_zone") }}'), 0)
{%- endmacro %}
