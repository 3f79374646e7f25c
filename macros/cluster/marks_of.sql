{#- The marks of a model's primary index, of all shards where its rows are spread over a cluster. -#}
{% macro marks_of(relation) -%}
    {%- set spread = execute and graph.nodes.values() | selectattr('name', 'equalto', relation.identifier)
        | selectattr('resource_type', 'equalto', 'model') | map(attribute='config') | map(attribute='sharding_key', default='') | first -%}
    {%- set cluster = adapter.get_clickhouse_cluster_name() if spread else none -%}
    {%- set stored = relation.identifier ~ (adapter.get_clickhouse_local_suffix() if cluster else '') -%}
    {%- set marks = 'mergeTreeIndex(' ~ quote_text(relation.schema) ~ ', ' ~ quote_text(stored) ~ ')' -%}
    {{- 'cluster(' ~ cluster ~ ', ' ~ marks ~ ')' if cluster else marks -}}
{%- endmacro %}
