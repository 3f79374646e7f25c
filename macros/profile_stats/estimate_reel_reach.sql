{#- Reach of a reel from its plays P and the author's followers F: P (0.94 - 0.001 log2 F), at least 0; NULL where an
    input is not positive. The constants are fitted by the earlier system of the same purpose. -#}
{% macro estimate_reel_reach(plays, followers) -%}
    if(
        {{ plays }} > 0 and {{ followers }} > 0,
        greatest(toFloat64({{ plays }}) * (0.94 - 0.001 * log2(toFloat64({{ followers }}))), 0.),
        null
    )
{%- endmacro %}
