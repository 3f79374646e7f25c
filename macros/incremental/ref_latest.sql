{#- ref() of an incremental ReplacingMergeTree model, read with FINAL: one row per key whatever has been merged. An
    alias is given here, because ClickHouse wants it before FINAL. The inputs of a unit test are CTEs, which hold one
    row per key and know no FINAL; those of `dbt run --empty` and `--sample` are subqueries, in which FINAL stands. -#}
{% macro ref_latest(model, alias=none) -%}
    {%- set relation = ref(model) -%}
    {%- if relation.limit is not none or relation.event_time_filter -%}
        {%- set rows = relation.render() ~ ' final' -%}
        {%- if relation.limit is not none -%}
            {%- set rows = '(select * from ' ~ rows ~ (' where false' if relation.limit == 0 else '') ~ ' limit ' ~ relation.limit ~ ')' -%}
        {%- endif -%}
        {{ relation.render_event_time_filtered(rows) }} as {{ alias or relation.identifier }}
    {%- else -%}
        {{ relation }}{% if alias %} as {{ alias }}{% endif %}{% if not relation.is_cte %} final{% endif %}
    {%- endif -%}
{%- endmacro %}
