{#- None of the row's `counts` (record_rejects) is a count. -#}
{% macro holds_no_count() -%}
    not arrayExists(value -> value is not null, counts)
{%- endmacro %}
