{#- Seconds of an ISO-8601 duration of years to seconds (PT4M13S, P1W, P1DT2H, PT1,5S), rounded down; NULL when it is
    not one. The least part may have a fraction, after a point or a comma. A year counts 365 days and a month 30; beyond
    10^9 seconds, 32 years, there is no film. -#}
{% macro duration_seconds(column) -%}
    {%- set number = '[0-9]+(?:[.,][0-9]+)?' -%}
    {%- set date_parts = {'Y': 31536000, 'M': 2592000, 'W': 604800, 'D': 86400} -%}
    {%- set time_parts = {'H': 3600, 'M': 60, 'S': 1} -%}
    {%- set date, time = "splitByChar('T', " ~ column ~ ')[1]', "splitByChar('T', " ~ column ~ ')[2]' -%}
    if(
        match(
            {{ column }},
            '^P({{ number }}Y)?({{ number }}M)?({{ number }}W)?({{ number }}D)?(T({{ number }}H)?({{ number }}M)?({{ number }}S)?)?$'
        )
        and match({{ column }}, '[0-9][YMWDHS]$') and not match({{ column }}, '[.,][0-9]+[A-Z].*[0-9]'),
        accurateCastOrNull(arrayFirstOrNull(seconds -> seconds <= 1000000000, [floor(
            {%- for parts, text in [(date_parts, date), (time_parts, time)] %}
            {%- set outer = loop %}
            {%- for letter, seconds in parts.items() %}
            {{ '+ ' if not (outer.first and loop.first) -}}
            toFloat64OrZero(replaceOne(extract({{ text }}, '({{ number }}){{ letter }}'), ',', '.')) * {{ seconds }}
            {%- endfor %}
            {%- endfor %}
        )]), 'UInt64'),
        null
    )
{%- endmacro %}
