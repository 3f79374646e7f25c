{#- ref() of an incremental ReplacingMergeTree model, read with FINAL: one row per key whatever has been merged.
    The inputs of a unit test are CTEs, which hold one row per key and know no FINAL. -#}
{% macro ref_latest(model) -%}
    {%- set relation = ref(model) -%}
    {{ relation }}{% if not relation.is_cte %} final{% endif %}
{%- endmacro %}
