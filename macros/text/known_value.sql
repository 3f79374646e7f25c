{#- A word of a closed list, NULL when it is none of it: what the word means is unknown, and the row is still good. -#}
{% macro known_value(word, values) -%}
    if({{ word }} in ('{{ values | join("', '") }}'), {{ word }}, null)
{%- endmacro %}
