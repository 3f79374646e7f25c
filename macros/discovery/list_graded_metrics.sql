{#- The metrics that are compared with peers, once: the account bases have them as columns, mart_profile_group_metrics
    has their thresholds, the account marts grade them. -#}
{% macro list_graded_metrics(platform) -%}
    {{ return({
        'INSTAGRAM': [
            'avg_likes', 'avg_comments', 'avg_reach', 'avg_impressions', 'engagement_ratio',
            'engagement_by_reach_ratio', 'reels_avg_plays', 'reels_avg_reach', 'reels_avg_impressions',
            'static_avg_reach', 'static_avg_impressions', 'story_reach', 'likes_spread_pct', 'comments_rate_pct',
            'likes_to_comment_ratio', 'followers_following_ratio', 'avg_posts_per_week', 'followers_growth_30d_pct',
            'plays_30d',
        ],
        'YOUTUBE': [
            'avg_views', 'views_growth_7d', 'views_growth_30d', 'views_growth_365d', 'followers_growth_7d',
            'followers_growth_30d', 'followers_growth_365d', 'followers_growth_30d_pct', 'uploads_growth_30d', 'avg_posts_per_week',
            'video_avg_views', 'video_avg_likes', 'video_avg_comments', 'short_avg_views', 'short_avg_likes',
            'short_avg_comments', 'engagement_by_views_ratio', 'comments_by_views_pct', 'likes_to_comment_ratio',
            'views_followers_ratio',
        ],
    }[platform]) }}
{%- endmacro %}
