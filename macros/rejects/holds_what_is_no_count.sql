{#- One of the row's counters (record_rejects) is no count: negative, too great, a word. -#}
{% macro holds_what_is_no_count() -%}
    arrayExists(value -> value is null, counts)
{%- endmacro %}
