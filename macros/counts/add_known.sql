{#- a + b, where an unknown part adds nothing; NULL when both are unknown. -#}
{% macro add_known(a, b) -%}
    if({{ a }} is null and {{ b }} is null, null, ifNull({{ a }}, 0) + ifNull({{ b }}, 0))
{%- endmacro %}
