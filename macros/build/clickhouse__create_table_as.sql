{#- Fills a new table, slice by slice where its model asks for it (list_slices).

    A first build gives the table its name when it is whole. The adapter's own macro fills it under its name: what is there
    after a failure would pass for the result of a run, and incremental runs would go on from it for ever.

    The first build of a backfill makes a table like the live one, whose partitions it will take, fills it with
    the rows of its days, and completes it (rebuilt_window). -#}
{% macro clickhouse__create_table_as(temporary, relation, sql) -%}
    {%- set has_contract = config.get('contract').enforced -%}
    {%- if temporary -%}
        {{ clickhouse__create_empty_table(temporary, relation, sql, has_contract) }}
    {%- else -%}
        {%- set is_first = relation.identifier == this.identifier -%}
        {#- of this run alone: another's half of a table must not get the name -#}
        {%- set building = this.identifier ~ '__dbt_building_' ~ invocation_id.replace('-', '_') -%}
        {%- set filled = relation.incorporate(path={'identifier': building}) if is_first else relation -%}
        {%- set window = rebuilt_window(model) if is_first else none -%}
        {%- if window -%}
            {%- set live = this.incorporate(path={'schema': window.live}) -%}
            {%- do run_query('create table ' ~ filled ~ ' as ' ~ live) -%}
        {%- else -%}
            {{ clickhouse__create_empty_table(temporary, filled, sql, has_contract) }}
        {%- endif -%}
        {%- set slices = list_slices(sql) -%}
        {%- for slice in slices[:-1] + (slices[-1:] if is_first else []) -%}
            {%- set rows = 'select * from (\n' ~ slice ~ '\n)\nwhere ' ~ is_rebuilt(window.column) if window else slice -%}
            {%- call statement('insert') -%}
                {{ clickhouse__insert_into(filled, rows, has_contract) }}
            {%- endcall -%}
        {%- endfor -%}
        {%- if window -%}
            {%- do keep_what_is_not_rebuilt(filled, live, window.column) -%}
        {%- endif -%}
        {%- if is_first -%}
            rename table {{ filled }} to {{ relation }} {{ on_cluster_clause(relation) }}
        {%- else -%}
            {{ clickhouse__insert_into(filled, slices[-1], has_contract) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
