{#- Settings of a ReplacingMergeTree with projections: they are made again where rows are replaced or deleted. -#}
{% macro merges_projections() -%}
    {{- return({'deduplicate_merge_projection_mode': 'rebuild', 'lightweight_mutation_projection_mode': 'rebuild'}) -}}
{%- endmacro %}
