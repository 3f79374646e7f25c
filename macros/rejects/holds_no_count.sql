{#- None of the row's counters (record_rejects) is a count. -#}
{% macro holds_no_count() -%}
    not is_plain and not arrayExists(value -> value is not null, counts)
{%- endmacro %}
