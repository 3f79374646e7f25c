{#- When a mutable feed row last changed, never NULL: the version of ReplacingMergeTree and the time that incremental
    models read forward from. A row that carries no time at all is as old as can be. -#}
{% macro version_at(feed) -%}
    coalesce({{ feed }}.updated_at, {{ feed }}.created_at, toDateTime64(0, 6, 'UTC'))
{%- endmacro %}
