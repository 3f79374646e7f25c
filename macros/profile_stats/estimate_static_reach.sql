{#- Reach of an image or carousel from its likes L: 0.85 L (7.6 - 0.7 log10 L), at least 0; NULL where L is not
    positive. -#}
{% macro estimate_static_reach(likes) -%}
    if(
        {{ likes }} > 0,
        greatest(0.85 * toFloat64({{ likes }}) * (7.6 - 0.7 * log10(toFloat64({{ likes }}))), 0.),
        null
    )
{%- endmacro %}
