{#- clean_text for the vendor's files, where a missing value is often the word NULL. -#}
{% macro clean_vendor_text(column) -%}
    nullIf({{ clean_text(column) }}, 'NULL')
{%- endmacro %}
