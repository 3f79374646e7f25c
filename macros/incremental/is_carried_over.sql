{#- Whether a run of carry_over() takes rows over: the table was made on the day of as_of(), not after it, and of the
    same. Its rows all say the same. -#}
{% macro is_carried_over(made_of) -%}
    {%- if not execute or model.resource_type != 'model' or flags.FULL_REFRESH or reads_a_part() -%}
        {{- return(false) -}}
    {%- endif -%}
    {%- if not load_relation(this) -%}{{- return(false) -}}{%- endif -%}
    {%- set found -%}
select count()
from (select windows_end_on, computed_as_of, made_of from {{ this }} limit 1)
where windows_end_on = {{ as_of_date() }} and computed_as_of <= {{ as_of() }} and made_of = {{ made_of }}
    {%- endset -%}
    {{- return(run_query(found).rows[0][0] | int == 1) -}}
{%- endmacro %}
