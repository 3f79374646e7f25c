{#- Impressions of an image or carousel from its likes L: 0.95 L (7.6 - 0.75 log10 L), never below its reach (the bare
    formula falls below it above some 2.95 million likes); NULL where L is not positive. -#}
{% macro estimate_static_impressions(likes, reach) -%}
    if(
        {{ likes }} > 0,
        greatest(
            0.95 * toFloat64({{ likes }}) * (7.6 - 0.75 * log10(toFloat64({{ likes }}))),
            coalesce({{ reach }}, 0.)
        ),
        null
    )
{%- endmacro %}
