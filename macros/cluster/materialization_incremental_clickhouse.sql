{#- The adapter's own, for a sharded model as a table on each shard below one that shows them all. -#}
{% materialization incremental, adapter='clickhouse' -%}
    {%- if is_sharded(model) -%}
        {{- return(dbt.materialization_distributed_incremental_clickhouse()) -}}
    {%- endif -%}
    {{- return(dbt.materialization_incremental_clickhouse()) -}}
{%- endmaterialization %}
