{#- How a metric stands among its peer group: Excellent above the group's p90, Very Good above p75, Good above p60,
    Average above p40, else Poor; the bounds themselves fall below. NULL without a value, or where the group
    has no thresholds for the metric. Needs the maps peer_p40 ... peer_p90 in the query. -#}
{% macro grade_against_peers(metric) -%}
    multiIf(
        {{ metric }} is null or not isFinite({{ metric }}) or not mapContains(peer_p90, '{{ metric }}'), null,
        {{ metric }} > peer_p90['{{ metric }}'], 'Excellent',
        {{ metric }} > peer_p75['{{ metric }}'], 'Very Good',
        {{ metric }} > peer_p60['{{ metric }}'], 'Good',
        {{ metric }} > peer_p40['{{ metric }}'], 'Average',
        'Poor'
    )
{%- endmacro %}
