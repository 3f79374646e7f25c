{#- Reach of a story from followers F and engagement ratio ER (a fraction): 0.0222 F log2(100 ER + 2) - 0.000025017
    F, at least 0 and at most F, for a story is shown to followers; NULL without F or ER. -#}
{% macro estimate_story_reach(followers, engagement_ratio) -%}
    if(
        {{ followers }} > 0 and {{ engagement_ratio }} >= 0,
        least(
            greatest(
                0.0222 * toFloat64({{ followers }}) * log2(100 * {{ engagement_ratio }} + 2)
                - 0.000025017 * toFloat64({{ followers }}),
                0.
            ),
            toFloat64({{ followers }})
        ),
        null
    )
{%- endmacro %}
