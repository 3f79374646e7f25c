{#- The moment at which a period that starts on a day is closed: its end and var closing_days more. Counters seen until
    then belong to it, and its month is final from then on. -#}
{% macro closes_at(day, grain) -%}
    (toDateTime({{ shift_period(day, grain) }}, '{{ var("time_zone") }}') + interval {{ var('closing_days') }} day)
{%- endmacro %}
