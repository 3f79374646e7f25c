{#- Mean of a metric in the peer group, NULL where the group has none. Needs the map peer_mean in the query. -#}
{% macro peer_average(metric) -%}
    if(mapContains(peer_mean, '{{ metric }}'), peer_mean['{{ metric }}'], null)
{%- endmacro %}
