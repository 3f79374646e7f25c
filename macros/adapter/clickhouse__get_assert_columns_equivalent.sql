{#- Holds a model's columns against its contract, by name and type. The adapter's own macro selects from the model with
    `limit 0`, for which ClickHouse computes every subquery of an `in` and every materialised CTE: on a large world a
    second time what the model itself costs. To describe a query is to analyse it, and no more. Materialised CTEs are
    plain for it: ClickHouse 26.7 never releases the tables of such a CTE when a union is described, and would wait for
    ever to drop one. -#}
{% macro clickhouse__get_assert_columns_equivalent(sql) -%}
    {%- if execute -%}
        {%- set promised = model['columns'].values() | list -%}
        {%- set description -%}
describe table (
select * from (
{{ sql }}
)
settings enable_materialized_cte = 0
)
{{ adapter.get_model_query_settings(model) }}
        {%- endset -%}
        {%- set found = [] -%}
        {%- for column in run_query(description) -%}
            {%- do found.append({'name': column[0], 'data_type': column[1]}) -%}
        {%- endfor -%}
        {%- set types = {} -%}
        {%- for column in promised -%}
            {%- do types.update({column['name']: column['data_type']}) -%}
        {%- endfor -%}
        {%- for column in found -%}
            {%- if types.get(column['name']) != column['data_type'] -%}
                {%- do exceptions.raise_contract_error(promised, found) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if not types or found | length != types | length -%}
            {%- do exceptions.raise_contract_error(promised, found) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
