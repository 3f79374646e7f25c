{#- Holds a model's columns against its contract, by name and type. The adapter's own macro selects from the model with
    `limit 0`: on a large world a second time what the model itself costs. -#}
{% macro clickhouse__get_assert_columns_equivalent(sql) -%}
    {%- if execute -%}
        {%- set promised = model['columns'].values() | list -%}
        {%- set found = describe_query(sql, adapter.get_model_query_settings(model)) -%}
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
