{#- The adapter's own, for a database of any name. It runs whenever a view that exists is built again. -#}
{% macro clickhouse__search_associated_mvs_to_target(relation_schema, relation_name, mv_suffixes) -%}
    {%- set escaped = quote_text(relation_schema)[1:-1] -%}
    {{- return(dbt.clickhouse__search_associated_mvs_to_target(escaped, relation_name, mv_suffixes)) -}}
{%- endmacro %}
