{#- Fills a new table, slice by slice where its model asks for it (list_slices).

    A first build gives the table its name when it is whole. The adapter's own macro fills it under its name: what is there
    after a failure would pass for the result of a run, and incremental runs would go on from it for ever. -#}
{% macro clickhouse__create_table_as(temporary, relation, sql) -%}
    {%- set has_contract = config.get('contract').enforced -%}
    {%- if temporary -%}
        {{ clickhouse__create_empty_table(temporary, relation, sql, has_contract) }}
    {%- else -%}
        {%- set is_first = relation.identifier == this.identifier -%}
        {#- of this run alone: another's half of a table must not get the name -#}
        {%- set building = this.identifier ~ '__dbt_building_' ~ invocation_id.replace('-', '_') -%}
        {%- set filled = relation.incorporate(path={'identifier': building}) if is_first else relation -%}
        {{ clickhouse__create_empty_table(temporary, filled, sql, has_contract) }}
        {%- set slices = list_slices(sql) -%}
        {%- for slice in slices[:-1] + (slices[-1:] if is_first else []) -%}
            {%- call statement('insert') -%}
                {{ clickhouse__insert_into(filled, slice, has_contract) }}
            {%- endcall -%}
        {%- endfor -%}
        {%- if is_first -%}
            rename table {{ filled }} to {{ relation }} {{ on_cluster_clause(relation) }}
        {%- else -%}
            {{ clickhouse__insert_into(filled, slices[-1], has_contract) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
