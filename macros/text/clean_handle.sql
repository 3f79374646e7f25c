{#- A handle as platforms compare it: lower case, without blanks and without a leading @; empty to NULL. -#}
{% macro clean_handle(column) -%}
    nullIf(replaceRegexpOne(lowerUTF8({{ clean_text(column) }}), '^@+', ''), '')
{%- endmacro %}
