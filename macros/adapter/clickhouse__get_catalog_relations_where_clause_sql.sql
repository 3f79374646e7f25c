{#- The adapter's own, for databases of any name. -#}
{% macro clickhouse__get_catalog_relations_where_clause_sql(relations) -%}
    {%- set escaped = [] -%}
    {%- for relation in relations -%}{%- do escaped.append(within_literals(relation)) -%}{%- endfor -%}
    {{- return(dbt.clickhouse__get_catalog_relations_where_clause_sql(escaped)) -}}
{%- endmacro %}
