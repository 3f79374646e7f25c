{#- The grade of a percentage of good followers, with the bounds that buyers know: 90, 75, 60, 40, each included. -#}
{% macro grade_share(pct) -%}
    multiIf(
        {{ pct }} is null, null,
        {{ pct }} >= 90, 'Excellent',
        {{ pct }} >= 75, 'Very Good',
        {{ pct }} >= 60, 'Good',
        {{ pct }} >= 40, 'Average',
        'Poor'
    )
{%- endmacro %}
