{#- ref() of an incremental ReplacingMergeTree model, read with FINAL: one row per key whatever has been merged. An
    alias is given here, because ClickHouse wants it before FINAL. The inputs of a unit test are CTEs, which hold one
    row per key and know no FINAL. -#}
{% macro ref_latest(model, alias=none) -%}
    {%- set relation = ref(model) -%}
    {{ relation }}{% if alias %} as {{ alias }}{% endif %}{% if not relation.is_cte %} final{% endif %}
{%- endmacro %}
