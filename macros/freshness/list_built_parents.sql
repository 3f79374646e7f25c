{#- Names of the models whose tables a model reads; a view stands for what it reads itself. -#}
{% macro list_built_parents(node) -%}
    {%- set names = [] -%}
    {%- for id in node.depends_on.nodes if id in graph.nodes and graph.nodes[id].resource_type == 'model' -%}
        {%- set parent = graph.nodes[id] -%}
        {%- if parent.config.materialized in ['view', 'ephemeral'] -%}
            {%- do names.extend(list_built_parents(parent)) -%}
        {%- else -%}
            {%- do names.append(parent.name) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(names | unique | sort) -}}
{%- endmacro %}
