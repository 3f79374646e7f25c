{#- Where staging counts what it sets aside; docs/rejects.md says how to read it. Not a model: it outlives builds, and
    every staging model writes to it. -#}
{% macro reject_table() -%}
    {{ this.incorporate(path={'identifier': 'staging_reject'}) }}
{%- endmacro %}
