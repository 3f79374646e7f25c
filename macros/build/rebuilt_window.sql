{#- What a backfill rebuilds of the node (docs/backfill.md): `live`, the database of the tables that it will be compared
    with; `column`, the time of the node's rows; `windows`, the days [first, end) that are built again. None in any
    other run. STIR_BACKFILL is asked only while a model runs: another value at parse time would parse everything again. -#}
{% macro rebuilt_window(node) -%}
    {%- set given = env_var('STIR_BACKFILL', '') if execute else '' -%}
    {%- if not given -%}{{- return(none) -}}{%- endif -%}
    {%- set backfill = fromjson(given) -%}
    {%- set window = backfill.models.get(node.name) -%}
    {{- return(dict(window, live=backfill.live) if window else none) -}}
{%- endmacro %}
