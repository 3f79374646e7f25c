{#- dbt's own, but for how it learns the types of the tested model's columns: it creates an empty table by the model's
    query, which takes ClickHouse longer than the test itself. -#}
{% materialization unit, adapter='clickhouse' -%}
    {%- set types, quoted = {}, {} -%}
    {%- for column in describe_query(sql) -%}
        {%- do types.update({column.name | lower: column.data_type}) -%}
        {%- do quoted.update({column.name | lower: api.Column.create(column.name, column.data_type).quoted}) -%}
    {%- endfor -%}
    {%- set rows = config.get('expected_rows') -%}
    {%- set compared = [] -%}
    {%- for name in (rows[0] if rows else types) -%}{%- do compared.append(quoted[name | lower]) -%}{%- endfor -%}
    {%- set expected = config.get('expected_sql') or get_expected_sql(rows, types, quoted) -%}
    {%- call statement('main', fetch_result=True) -%}{{ get_unit_test_sql(sql, expected, compared) }}{%- endcall -%}
    {{- return({'relations': []}) -}}
{%- endmaterialization %}
