{#- A map from name to word of the known ones among columns: `columns` maps names to expressions. -#}
{% macro map_of_words(columns) -%}
mapFilter((name, word) -> notEmpty(word), map(
    {%- for name, column in columns.items() %}
    '{{ name }}', ifNull({{ column }}, ''){{ ',' if not loop.last }}
    {%- endfor %}
))
{%- endmacro %}
