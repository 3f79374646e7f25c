{{
    config(
        materialized='incremental',
        incremental_strategy='insert_overwrite',
        order_by=['month', 'platform', 'profile_platform', 'platform_id'],
        partition_by='toYYYYMM(month)',
        tags=['daily'],
    )
}}
-- Grain: one row per month, platform, profile_platform and platform_id.
with boards as (
    select * from ({{ publish_board('mart_instagram_leaderboard', 'INSTAGRAM') | indent(4) }})
    union all
    select * from ({{ publish_board('mart_youtube_leaderboard', 'YOUTUBE') | indent(4) }})
    union all
    select * from ({{ publish_board('mart_cross_platform_leaderboard', 'ALL') | indent(4) }})
)

select
    month,
    platform,
    profile_platform,
    platform_id,
    handle,
    name,
    category,
    language,
    country,
    profile_type,
    month_state,
    followers,
    followers_change,
    views_total_change,
    uploads_total_change,
    views,
    plays,
    likes,
    comments,
    engagement,
    uploads,
    engagement_ratio,
    engagement_by_views_ratio,
    crosses_definition_change,
    followers_rank,
    followers_change_rank,
    views_rank,
    plays_rank,
    engagement_rank,
    followers_rank_prev,
    followers_change_rank_prev,
    views_rank_prev,
    plays_rank_prev,
    engagement_rank_prev,
    current_month_ranks,
    last_month_ranks,
    toDateTime({{ as_of() }}, 'UTC') as computed_as_of
from boards
