{#- The averages of a summary that account marts show: the trimmed value, else the plain one. -#}
{% macro list_shown_averages() -%}
    {{ return([
        'avg_likes', 'avg_comments', 'avg_reach', 'avg_impressions', 'engagement_ratio', 'engagement_by_reach_ratio',
        'reels_avg_plays', 'reels_avg_reach', 'reels_avg_impressions', 'static_avg_reach', 'static_avg_impressions',
    ]) }}
{%- endmacro %}
