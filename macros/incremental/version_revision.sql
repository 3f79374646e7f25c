{#- What a logic revision counts for in a version (version_of): more than all times of ingestion together. -#}
{% macro version_revision() -%}
    281474976710656
{%- endmacro %}
