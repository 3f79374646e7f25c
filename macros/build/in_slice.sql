{#- Where a statement that builds a whole table reads its inputs slice by slice (list_slices): the value is in the
    slice. True wherever else the SQL is run. -#}
{% macro in_slice(value) -%}
    true /* {{ value }} in slice */
{%- endmacro %}
