{#- OPEN while the month runs and for var trending_open_days after its end: its posts still gather views. FINAL from
    then on, and frozen. -#}
{% macro trending_month_state(month) -%}
    if(
        {{ as_of() }} < toDateTime(addMonths({{ month }}, 1), '{{ var("time_zone") }}')
            + interval {{ var('trending_open_days') }} day,
        'OPEN',
        'FINAL'
    )
{%- endmacro %}
