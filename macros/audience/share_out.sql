{#- A Map of weights as a Map of shares that add up to 1; empty stays empty. -#}
{% macro share_out(weights) -%}
    mapApply((name, weight) -> (name, weight / arraySum(mapValues({{ weights }}))), {{ weights }})
{%- endmacro %}
