{#- What every generic test reads: dbt's own macro, with FINAL where the model is a ReplacingMergeTree, because its
    promise (one row per key) is made to readers who use ref_latest, not to the parts on disk. -#}
{% macro clickhouse__get_where_subquery(relation) -%}
    {%- set where = config.get('where', '') -%}
    {%- set found = namespace(final='') -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values()
                if node.resource_type == 'model' and node.alias == relation.identifier
                and node.schema == relation.schema and 'Replacing' in node.config.get('engine', '') -%}
            {%- set found.final = ' final' -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if where -%}
        {%- do return('(select * from ' ~ relation ~ found.final ~ ' where ' ~ where ~ ') dbt_subquery') -%}
    {%- elif found.final -%}
        {%- do return(relation ~ found.final) -%}
    {%- else -%}
        {%- do return(relation) -%}
    {%- endif -%}
{%- endmacro %}
