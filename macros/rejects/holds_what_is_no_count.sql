{#- One of the row's counter `texts` (record_rejects) is no count: negative, too great, a word. -#}
{% macro holds_what_is_no_count() -%}
    arrayExists(text -> {{ count_in('text') }} is null, texts)
{%- endmacro %}
