{#- One counter from the map of parse_counts, under the first of its spellings that holds a count, else NULL. -#}
{% macro read_count(counts, names) -%}
    coalesce({% for name in names %}{{ counts }}['{{ name }}']{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}
