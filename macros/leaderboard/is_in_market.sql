{#- The country is one of var market_countries; every country and an unknown one is when the list is empty. -#}
{% macro is_in_market(country) -%}
    {%- set countries = var('market_countries') -%}
    {%- if countries -%}
    ifNull({{ country }} in ('{{ countries | join("', '") }}'), false)
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}
