{#- A grade as a number: 5 Excellent to 1 Poor, 0 ungraded. -#}
{% macro rate_against_peers(metric) -%}
    transform(
        coalesce({{ grade_against_peers(metric) }}, ''),
        ['Excellent', 'Very Good', 'Good', 'Average', 'Poor'],
        [5, 4, 3, 2, 1],
        0
    )
{%- endmacro %}
