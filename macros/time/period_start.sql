{#- The first day of the week or month (grain) that holds a moment. -#}
{% macro period_start(moment, grain) -%}
    {{ month_start(moment) if grain == 'month' else week_start(moment) }}
{%- endmacro %}
