{#- What the two families of collection models differ in: the product's copy that lists are read from, and the prefix of
    the models. Events, posts, accounts, clicks and orders are the production ones in both. -#}
{% macro collection_environment(environment) -%}
    {%- do return({
        'production': {'source': 'coffee_replica', 'staging': 'stg_coffee_', 'mart': 'mart_'},
        'staging': {'source': 'coffee_stage', 'staging': 'stg_coffee_staging_', 'mart': 'mart_staging_'},
    }[environment]) -%}
{%- endmacro %}
