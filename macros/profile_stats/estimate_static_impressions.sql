{#- Impressions of an image or carousel from its reach, measured or estimated, and its likes L: reach times the views of
    one person, which are what the formulas of impressions and of reach give for L,
    0.95 (7.6 - 0.75 log10 L) / (0.85 (7.6 - 0.7 log10 L)), at least 1 (above some 2.94 million likes) and so at most
    1.12. NULL without reach, or where L is not positive. -#}
{% macro estimate_static_impressions(likes, reach) -%}
{#- Bounded where the quotient is below 1 already, long before its denominator is 0. -#}
{%- set magnitude = 'least(log10(toFloat64(' ~ likes ~ ')), 7.)' -%}
    if(
        {{ likes }} > 0,
        {{ reach }} * greatest(0.95 * (7.6 - 0.75 * {{ magnitude }}) / (0.85 * (7.6 - 0.7 * {{ magnitude }})), 1.),
        null
    )
{%- endmacro %}
