{#- Whether a build of the node is noted in freshness_table(). A view has no content of its own: who reads it reads its
    parents. A run over a part of the inputs says nothing about the whole. -#}
{% macro notes_its_data(node) -%}
    {{- return(
        node.resource_type == 'model'
        and node.config.materialized not in ['view', 'ephemeral']
        and not reads_a_part()
    ) -}}
{%- endmacro %}
