{#- The adapter's own, for a database of any name. -#}
{% macro clickhouse__get_columns_in_relation(relation) -%}
    {{- return(dbt.clickhouse__get_columns_in_relation(within_literals(relation))) -}}
{%- endmacro %}
