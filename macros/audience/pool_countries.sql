{#- Countries given as codes or names and their weights by ISO-2 code. -#}
{% macro pool_countries(weights) -%}
    {{ pool_names(weights, country_code('name')) }}
{%- endmacro %}
