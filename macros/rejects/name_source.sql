{#- A source table with its database, as people write it. -#}
{% macro name_source(rules) -%}
    {{ rules.name or rules.source.schema ~ '.' ~ rules.source.identifier }}
{%- endmacro %}
