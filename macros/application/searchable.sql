{#- A handle or name in the form in which it is searched by its beginning: lower case, at most 60 characters, which an
    index of PostgreSQL can hold in any script. -#}
{% macro searchable(column) -%}
substringUTF8(lowerUTF8({{ column }}), 1, 60)
{%- endmacro %}
