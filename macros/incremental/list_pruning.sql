{#- The expressions under `meta.prunes` of a source (arrived_since). -#}
{% macro list_pruning(relation) -%}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- for source in graph.sources.values()
                if source.schema == relation.schema and source.identifier == relation.identifier -%}
            {%- do found.extend(source.config.meta.get('prunes', [])) -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return(found) -}}
{%- endmacro %}
