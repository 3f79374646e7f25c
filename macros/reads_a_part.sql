{#- This run reads nothing of its inputs (`--empty`) or some days of them (`--sample`): what it sees is not noted in the
    tables that outlive builds. -#}
{% macro reads_a_part() -%}
    {{- return(true if flags.EMPTY or flags.SAMPLE else false) -}}
{%- endmacro %}
