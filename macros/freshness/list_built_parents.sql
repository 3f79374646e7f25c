{#- Names of the models whose tables a model reads; a view stands for what it reads itself. -#}
{% macro list_built_parents(node) -%}
    {%- set names = [] -%}
    {%- for parent in node.depends_on.nodes if parent in graph.nodes and graph.nodes[parent].resource_type == 'model' -%}
        {%- if graph.nodes[parent].config.materialized in ['view', 'ephemeral'] -%}
            {%- do names.extend(list_built_parents(graph.nodes[parent])) -%}
        {%- else -%}
            {%- do names.append(graph.nodes[parent].name) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(names | unique | sort) -}}
{%- endmacro %}
