{#- The row's document of counters (record_rejects) is no JSON and cannot be mended. -#}
{% macro is_broken_document() -%}
    not is_plain and not isValidJSON(suspect) and not isValidJSON(rebuilt)
{%- endmacro %}
