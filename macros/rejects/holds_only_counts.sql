{#- The document is an object of nothing but counters with these names, each a whole number that is a count
    (count_in), so that nothing of it is set aside. Nearly all are, and to look is a quarter of what parsing costs. -#}
{% macro holds_only_counts(document, names) -%}
    {%- set number = '(?:0|[1-9][0-9]{0,14})' -%}
    {%- set member = '"(?:' ~ names | join('|') ~ ')": ?(?:' ~ number ~ '|"' ~ number ~ '")' -%}
    match({{ document }}, '^\\{(?:{{ member }}, ?)*{{ member }}\\}$')
{%- endmacro %}
