{#- The numbers of an account mart that the application shows of a creator: the graded metrics, and those without a
    grade. -#}
{% macro list_shown_metrics(platform) -%}
    {{ return(list_graded_metrics(platform) + {
        'INSTAGRAM': [
            'followers_growth_7d', 'followers_growth_30d', 'followers_growth_90d', 'followers_growth_365d',
            'uploads_30d', 'likes_30d', 'comments_30d', 'reach_30d', 'impressions_30d', 'avg_reels_plays_30d',
        ],
        'YOUTUBE': ['views', 'shorts', 'uploads_growth_7d', 'uploads_growth_365d'],
    }[platform]) }}
{%- endmacro %}
