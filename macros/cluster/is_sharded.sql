{#- Whether a model's rows are spread over the shards of a cluster: there is one, and the model says by what
    (`sharding_key`). -#}
{% macro is_sharded(model) -%}
    {{- return(true if adapter.get_clickhouse_cluster_name() and model.config.get('sharding_key') else false) -}}
{%- endmacro %}
