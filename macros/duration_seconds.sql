{#- Seconds of an ISO-8601 duration of days to seconds (PT4M13S, P1DT2H); NULL when it is not one. -#}
{% macro duration_seconds(column) -%}
    if(
        match({{ column }}, '^P([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+S)?)?$') and length({{ column }}) > 2,
        toUInt32OrZero(extract({{ column }}, '([0-9]+)D')) * 86400
        + toUInt32OrZero(extract({{ column }}, '([0-9]+)H')) * 3600
        + toUInt32OrZero(extract({{ column }}, '([0-9]+)M')) * 60
        + toUInt32OrZero(extract({{ column }}, '([0-9]+)S')),
        null
    )
{%- endmacro %}
