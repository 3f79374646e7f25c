{#- The row's document of counters (record_rejects) is no JSON as it came, and lost a member. -#}
{% macro is_mended_document() -%}
    not is_plain and not isValidJSON(suspect)
{%- endmacro %}
