{#- The adapter's own, for a database of any name. -#}
{% macro clickhouse__get_show_grant_sql(relation) -%}
    {{- return(dbt.clickhouse__get_show_grant_sql(within_literals(relation))) -}}
{%- endmacro %}
