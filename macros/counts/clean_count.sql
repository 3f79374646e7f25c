{#- A counter of a feed: one below zero or above greatest_count() cannot be and is unknown. -#}
{% macro clean_count(column) -%}
    if({{ column }} between 0 and {{ greatest_count() }}, {{ column }}, null)
{%- endmacro %}
