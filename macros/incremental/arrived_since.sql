{#- Whether a source's row can have arrived at a moment or later, by what its owner says under `meta.prunes`: SQL
    expressions of the source's columns, one of which is at or after the row's arrival. ClickHouse leaves out what is
    stored by them (sorted, partitioned or indexed), where the arrival itself is no column that anything is stored by.
    True without. `moment` is SQL of a DateTime64; the columns are those of `feed`. -#}
{% macro arrived_since(relation, moment) -%}
    {%- set conditions = [] -%}
    {%- for expression in list_pruning(relation) -%}
        {%- do conditions.append(expression ~ ' >= ' ~ moment) -%}
    {%- endfor -%}
    {{- '(' ~ conditions | join(' or ') ~ ')' if conditions else 'true' -}}
{%- endmacro %}
