{#- The engine of a model's table. -#}
{% macro engine_clause() -%}
    engine = {{ replicate_engine(config.get('engine', default='MergeTree()'), is_sharded(model)) }}
{%- endmacro %}
