{#- Text of a feed made usable: valid UTF-8, no NUL bytes (PostgreSQL refuses them), no blanks around it,
    empty to NULL. -#}
{% macro clean_text(column) -%}
    nullIf(replaceRegexpAll(replaceAll(toValidUTF8({{ column }}), '\0', ''), '^[\\s\\pZ]+|[\\s\\pZ]+$', ''), '')
{%- endmacro %}
