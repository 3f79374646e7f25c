{#- Where every build notes up to which moment of each feed it has seen data; docs/decisions/0039-the-age-of-data.md
    says how to read it. Not a model: it outlives builds, and every model writes to it. -#}
{% macro freshness_table() -%}
    {{ this.incorporate(path={'identifier': 'data_freshness'}) }}
{%- endmacro %}
