{#- The adapter's own, for a database of any name. -#}
{% macro clickhouse__list_relations_without_caching(schema_relation) -%}
    {{- return(dbt.clickhouse__list_relations_without_caching(within_literals(schema_relation))) -}}
{%- endmacro %}
