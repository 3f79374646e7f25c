{#- The adapter's own, which writes the database's name between quotes as it is: one that has a quote itself is written
    here, as a text of SQL. On a cluster the adapter's stays. -#}
{% macro clickhouse__incremental_insert_overwrite(existing_relation, partition_by, is_distributed=False) -%}
    {%- if is_distributed or within_literals(existing_relation).schema == existing_relation.schema -%}
        {%- do dbt.clickhouse__incremental_insert_overwrite(existing_relation, partition_by, is_distributed) -%}
    {%- else -%}
        {%- set suffix = '__dbt_new_data_' ~ invocation_id.replace('-', '_') -%}
        {%- set new_rows = existing_relation.incorporate(path={'identifier': existing_relation.identifier ~ suffix}) -%}
        {%- do drop_relation_if_exists(new_rows) -%}
        {%- call statement('main') -%}
            {{ get_create_table_as_sql(False, new_rows, sql) }}
        {%- endcall -%}
        {%- set place = within_literals(new_rows) -%}
        {%- set where = "active and database = '" ~ place.schema ~ "' and table = '" ~ place.identifier ~ "'" -%}
        {%- set partitions = run_query('select distinct partition_id from system.parts where ' ~ where).rows -%}
        {%- if partitions -%}
            {%- call statement('replace_partitions') -%}
                alter table {{ existing_relation }}
                {%- for partition in partitions %}
                replace partition id '{{ partition['partition_id'] }}' from {{ new_rows }}{{ ',' if not loop.last }}
                {%- endfor %}
                settings allow_replace_partition_from_empty_source = 1
            {%- endcall -%}
        {%- endif -%}
        {%- do adapter.drop_relation(new_rows) -%}
    {%- endif -%}
{%- endmacro %}
