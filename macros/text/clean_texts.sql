{#- A list of texts of a feed, each made usable (clean_text) and without the empty ones. -#}
{% macro clean_texts(texts) -%}
    arrayFilter(word -> word != '', arrayMap(word -> coalesce({{ clean_text('word') }}, ''), {{ texts }}))
{%- endmacro %}
