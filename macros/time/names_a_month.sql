{#- Whether a text names a month as the vendor's files write it: 2022-01, 202201 or 2022-01-01. -#}
{% macro names_a_month(text) -%}
    match(trimBoth({{ text }}), '^20[0-9]{2}-?(0[1-9]|1[0-2])(-?[0-9]{2})?$')
{%- endmacro %}
