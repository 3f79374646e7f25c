{#- How many hours before its watermark an incremental model reads: STIR_LOOK_BACK_HOURS, else the var look_back_hours.
    The environment is asked only while a model runs: dbt would parse the project again for another value at parse time. -#}
{% macro look_back_hours() -%}
    {%- set usual = var('look_back_hours') | string -%}
    {%- set hours = env_var('STIR_LOOK_BACK_HOURS', usual) if execute else usual -%}
    {%- if not modules.re.match('^[0-9]+$', hours) -%}
        {{ exceptions.raise_compiler_error("STIR_LOOK_BACK_HOURS is not a whole number of hours: '" ~ hours ~ "'") }}
    {%- endif -%}
    {{ hours }}
{%- endmacro %}
