{#- One of the counters of the row is below zero. -#}
{% macro any_negative(columns) -%}
    ({% for column in columns %}{{ ' or ' if not loop.first }}feed.{{ column }} < 0{% endfor %})
{%- endmacro %}
