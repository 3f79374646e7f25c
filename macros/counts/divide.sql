{#- a / b as Float64; NULL when either is NULL or b is zero (never inf or NaN). -#}
{% macro divide(a, b) -%}
    (toFloat64({{ a }}) / nullIf(toFloat64({{ b }}), 0))
{%- endmacro %}
