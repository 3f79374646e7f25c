{#- A moment of a feed, NULL when it cannot be (is_possible_time). -#}
{% macro clean_time(column, known_at=none) -%}
    if({{ is_possible_time(column, known_at) }}, {{ column }}, null)
{%- endmacro %}
