{#- The column holds a word, and none of the list. `case` is upper or lower, as the list is written. -#}
{% macro is_unknown(case, column, words) -%}
    {{ case }}({{ clean_text(column) }}) not in {{ quote_words(words) }}
{%- endmacro %}
