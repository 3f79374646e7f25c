{#- The day of as_of() in the project's time zone: d of the windows [d - 30, d). -#}
{% macro as_of_date() -%}
    toDate({{ as_of() }}, '{{ var("time_zone") }}')
{%- endmacro %}
