{#- Words as an SQL list. -#}
{% macro quote_words(words) -%}
    ('{{ words | join("', '") }}')
{%- endmacro %}
