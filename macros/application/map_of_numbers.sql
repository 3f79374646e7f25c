{#- A map from name to number of the known ones among columns: `columns` maps names to expressions. -#}
{% macro map_of_numbers(columns) -%}
mapFilter((name, number) -> isFinite(number), map(
    {%- for name, column in columns.items() %}
    '{{ name }}', ifNull(toFloat64({{ column }}), nan){{ ',' if not loop.last }}
    {%- endfor %}
))
{%- endmacro %}
