{#- A text as ClickHouse's string literal, whatever it holds. -#}
{% macro quote_text(value) -%}
    '{{ value | replace("\\", "\\\\") | replace("'", "\\'") }}'
{%- endmacro %}
