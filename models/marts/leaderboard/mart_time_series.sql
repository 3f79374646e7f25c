{{
    config(
        materialized='incremental',
        engine='ReplacingMergeTree(_version)',
        order_by=['platform', 'platform_id', 'monthly_stats', 'date'],
        partition_by='toYear(date)',
        query_settings={'do_not_merge_across_partitions_select_final': 1},
        meta={'slices': {'of': 'mart_instagram_account_weekly', 'by': 'platform_id', 'weight': 3}},
        projections=[
            project_newest(['profile_ingested_at', 'posts_ingested_at'], ['platform', 'monthly_stats']),
        ],
        settings=merges_projections(),
        tags=['daily'],
    )
}}
-- Grain: one row per platform, platform_id, monthly_stats and date (read with FINAL).
with instagram_weekly as (
    {{ build_series_changes('mart_instagram_account_weekly', 'INSTAGRAM', 'week') | indent(4) }}
),

instagram_monthly as (
    {{ build_series_changes('mart_instagram_account_monthly', 'INSTAGRAM', 'month') | indent(4) }}
),

youtube_weekly as (
    {{ build_series_changes('mart_youtube_account_weekly', 'YOUTUBE', 'week') | indent(4) }}
),

youtube_monthly as (
    {{ build_series_changes('mart_youtube_account_monthly', 'YOUTUBE', 'month') | indent(4) }}
),

series as (
    {%- for branch in ['instagram_weekly', 'instagram_monthly', 'youtube_weekly', 'youtube_monthly'] %}
    select * from {{ branch }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
)

select
    platform,
    platform_id,
    monthly_stats,
    date,
    followers,
    following,
    views_total,
    uploads_total,
    followers_change,
    views_total_change,
    uploads_total_change,
    views,
    uploads,
    plays,
    likes,
    comments,
    engagement,
    rated_posts,
    rated_engagement,
    watched_engagement,
    watched_views,
    engagement_ratio,
    engagement_by_views_ratio,
    crosses_definition_change,
    last_event_at,
    profile_ingested_at,
    posts_ingested_at,
    _version
from series
