{#- The row's document of counters (record_rejects) is no JSON. -#}
{% macro is_broken_document() -%}
    not is_plain and not isValidJSON(suspect)
{%- endmacro %}
