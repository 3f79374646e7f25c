{#- The first day of the period that lies some periods after (or, negative, before) the one that starts on a day. -#}
{% macro shift_period(day, grain, periods=1) -%}
    {{ 'addMonths' if grain == 'month' else 'addWeeks' }}({{ day }}, {{ periods }})
{%- endmacro %}
