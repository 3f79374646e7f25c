{#- A number, NULL where the row's flag says that it means nothing. An unknown flag says nothing. -#}
{% macro unless_flagged(flag, value) -%}
    if({{ flag }}, null, {{ value }})
{%- endmacro %}
