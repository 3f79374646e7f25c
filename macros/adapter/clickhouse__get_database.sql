{#- The adapter's own, for a database of any name. -#}
{% macro clickhouse__get_database(database) -%}
    {{- return(dbt.clickhouse__get_database(quote_text(database)[1:-1])) -}}
{%- endmacro %}
