{#- Names and types of a query's columns. To describe a query is to analyse it, and no more: a query with `limit 0`
    computes every subquery of an `in` and every materialised CTE. These are plain here: ClickHouse 26.7 never
    releases the tables of such a CTE when a union is described, and would wait for ever to drop one. -#}
{% macro describe_query(sql, query_settings='') -%}
    {%- set description -%}
describe table (
select * from (
{{ sql }}
)
settings enable_materialized_cte = 0
)
{{ query_settings }}
    {%- endset -%}
    {%- set columns = [] -%}
    {%- for column in run_query(description) -%}
        {%- do columns.append({'name': column[0], 'data_type': column[1]}) -%}
    {%- endfor -%}
    {{- return(columns) -}}
{%- endmacro %}
