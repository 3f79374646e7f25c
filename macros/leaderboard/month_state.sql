{#- MTD while the month runs, CLOSING until var closing_days after its end, FINAL from then on. -#}
{% macro month_state(month) -%}
    multiIf(
        {{ month }} >= {{ month_start(as_of()) }}, 'MTD',
        {{ as_of() }} < {{ closes_at(month, 'month') }}, 'CLOSING',
        'FINAL'
    )
{%- endmacro %}
