{#- A relation for those of the adapter's macros that write its database between single quotes: the name is escaped for
    that, and the relation is good for nothing else. -#}
{% macro within_literals(relation) -%}
    {{- return(relation.incorporate(path={'schema': quote_text(relation.schema)[1:-1]})) -}}
{%- endmacro %}
