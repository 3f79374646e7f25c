{#- Whether every part of a table has the projection, so that mergeTreeProjection() shows all rows. A table that was
    built before the projection was declared has not, nor one of somebody else's; its readers then read the table. -#}
{% macro keeps_projection(relation, name) -%}
    {%- if not execute or relation is string -%}{{- return(false) -}}{%- endif -%}
    {%- set parts -%}
select count() > 0 and countIf(rows > 0 and not has(projections, {{ quote_text(name) }})) = 0
from system.parts
where active and database = {{ quote_text(relation.schema) }} and table = {{ quote_text(relation.identifier) }}
    {%- endset -%}
    {{- return(run_query(parts).rows[0][0] | int == 1) -}}
{%- endmacro %}
