{#- A counter of a feed: a negative count cannot be and is unknown. -#}
{% macro clean_count(column) -%}
    if({{ column }} >= 0, {{ column }}, null)
{%- endmacro %}
