{#- Reach of an image or carousel from its likes L and the author's followers F: 0.85 L (7.6 - 0.7 log10 L), at least L,
    for whoever liked it was reached, and at most F. NULL unless 0 < L <= F: the formula is fitted on posts that followers
    see, and more likes than followers show that others saw the post; how many is not known. -#}
{% macro estimate_static_reach(likes, followers) -%}
    if(
        {{ likes }} > 0 and {{ likes }} <= {{ followers }},
        least(
            greatest(
                0.85 * toFloat64({{ likes }}) * (7.6 - 0.7 * log10(toFloat64({{ likes }}))),
                toFloat64({{ likes }})
            ),
            toFloat64({{ followers }})
        ),
        null
    )
{%- endmacro %}
