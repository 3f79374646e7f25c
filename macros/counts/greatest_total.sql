{#- The greatest sum of counters that we keep: several of them can still be added up in 64 bits, and nothing that people
    do on all platforms together comes near it. -#}
{% macro greatest_total() -%}
    1000000000000000000
{%- endmacro %}
