{#- Impressions of a reel: its plays, and never fewer than its reach, measured or estimated; NULL where the plays
    are not positive. -#}
{% macro estimate_reel_impressions(plays, reach) -%}
    if({{ plays }} > 0, greatest(toFloat64({{ plays }}), coalesce({{ reach }}, 0.)), null)
{%- endmacro %}
