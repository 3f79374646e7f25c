{#- A sum of counters, NULL when it is beyond greatest_total(). A thousand counters near greatest_count() wrap round in
    64 bits and become negative, so they are added up in 128. `over` is a window's name. -#}
{% macro sum_counts(counts, over=none) -%}
    {%- set total -%}
    sum(toInt128({{ counts }})){{ ' over ' ~ over if over }}
    {%- endset -%}
    if({{ total }} between -{{ greatest_total() }} and {{ greatest_total() }}, toInt64({{ total }}), null)
{%- endmacro %}
