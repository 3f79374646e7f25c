{#- A condition that a run of carry_over() adds where it makes only the rows of touched keys; `touched.key` in it are
    these. True in a run that makes all rows. -#}
{% macro if_touched(condition) -%}
    true /* {{ condition }} if touched */
{%- endmacro %}
