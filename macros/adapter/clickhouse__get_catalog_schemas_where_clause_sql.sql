{#- The adapter's own, for databases of any name. -#}
{% macro clickhouse__get_catalog_schemas_where_clause_sql(schemas) -%}
    {%- set escaped = [] -%}
    {%- for schema in schemas -%}{%- do escaped.append(quote_text(schema)[1:-1]) -%}{%- endfor -%}
    {{- return(dbt.clickhouse__get_catalog_schemas_where_clause_sql(escaped)) -}}
{%- endmacro %}
