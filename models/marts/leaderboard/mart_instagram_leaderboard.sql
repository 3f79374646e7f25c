{{
    config(
        materialized='incremental',
        incremental_strategy='insert_overwrite',
        order_by=['month', 'platform_id'],
        partition_by='toYYYYMM(month)',
        meta={'slices': {'of': 'mart_instagram_leaderboard_base', 'by': 'month', 'weight': 16}},
        tags=['daily'],
    )
}}
-- Grain: one row per month and platform_id, every eligible profile of the month with its 40 ranks.
{%- set columns = [
    'handle', 'name', 'category', 'language', 'country', 'profile_type', 'month_state', 'followers',
    'followers_change', 'views_total_change', 'uploads_total_change', 'views', 'plays', 'likes', 'comments',
    'engagement', 'uploads', 'engagement_ratio', 'engagement_by_views_ratio',
] %}
with candidates as (
    select
        month,
        'IA' as profile_platform,
        profile_id as platform_id,
        handle,
        name,
        category,
        language,
        country,
        coalesce(profile_type, 'CREATOR') as profile_type,
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
        engagement_by_views_ratio
    from {{ ref('mart_instagram_leaderboard_base') }}
    where is_eligible and {{ is_month_to_build('month') }}
),

ranks as (
    {{ rank_board('INSTAGRAM', columns) | indent(4) }}
)

select
    month,
    profile_platform,
    platform_id,
    {%- for column in columns %}
    {{ 'assumeNotNull(followers) as followers' if column == 'followers' else column }},
    {%- endfor %}
    {%- for dimension in leaderboard_dimensions('INSTAGRAM') %}
    {{ dimension.key }},
    {%- endfor %}
    toDateTime({{ as_of() }}, 'UTC') as computed_as_of
from ranks
