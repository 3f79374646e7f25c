{#- An engine of the MergeTree family as it is on a cluster: the rows of a shard on each of its replicas, or all rows on
    every server, so that a shard finds there what its rows are joined with. -#}
{% macro replicate_engine(engine, is_sharded=false) -%}
    {%- set family = modules.re.match('^([A-Za-z]*MergeTree)(?:[(](.*)[)])?$', engine | trim) -%}
    {%- if not adapter.get_clickhouse_cluster_name() or not family -%}
        {{- return(engine) -}}
    {%- endif -%}
    {%- set place = "{shard}', '{replica}'" if is_sharded else "all', '{shard}-{replica}'" -%}
    {%- set arguments = ["'/clickhouse/tables/{uuid}/" ~ place] -%}
    {%- if family.group(2) -%}{%- do arguments.append(family.group(2)) -%}{%- endif -%}
    {{- return('Replicated' ~ family.group(1) ~ '(' ~ arguments | join(', ') ~ ')') -}}
{%- endmacro %}
