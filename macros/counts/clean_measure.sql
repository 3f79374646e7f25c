{#- A number of a feed that need not be whole (an average, a percentage, a score): what lies outside its range, is
    infinite or not a number cannot be and is unknown. -#}
{% macro clean_measure(column, greatest=none) -%}
    if({{ column }} between 0 and {{ greatest if greatest is not none else greatest_count() }}, {{ column }}, null)
{%- endmacro %}
