{#- None of the row's counter `texts` (record_rejects) is a count. -#}
{% macro holds_no_count() -%}
    not arrayExists(text -> {{ count_in('text') }} is not null, texts)
{%- endmacro %}
