{{ config(order_by=['platform', 'month', 'category', 'short_code'], tags=['daily']) }}

-- Grain: one row per platform, month, category and short_code, in the month of as_of() and the twelve before it.
with reels as (
    select
        'INSTAGRAM' as platform,
        month,
        category,
        shortcode as short_code,
        profile_id as platform_id,
        handle,
        name,
        language,
        country,
        profile_type,
        post_type,
        title,
        post_url,
        thumbnail_url,
        month_state,
        trending_rank,
        followers,
        views,
        toNullable(plays) as plays,
        likes,
        comments,
        engagement,
        reach,
        engagement_ratio,
        engagement_by_views_ratio,
        reach_is_estimated,
        published_at,
        computed_as_of
    from {{ ref('mart_genre_instagram_trending_content_with_rank') }}
),

videos as (
    select
        'YOUTUBE' as platform,
        month,
        category,
        shortcode as short_code,
        channel_id as platform_id,
        handle,
        name,
        language,
        country,
        profile_type,
        post_type,
        title,
        post_url,
        thumbnail_url,
        month_state,
        trending_rank,
        followers,
        toNullable(views) as views,
        cast(null as Nullable(Int64)) as plays,
        likes,
        comments,
        engagement,
        toNullable(reach) as reach,
        engagement_ratio,
        engagement_by_views_ratio,
        toNullable(reach_is_estimated) as reach_is_estimated,
        published_at,
        computed_as_of
    from {{ ref('mart_genre_youtube_trending_content_with_rank') }}
),

posts as (
    select * from reels
    union all
    select * from videos
)

select
    platform,
    month,
    category,
    short_code,
    platform_id,
    handle,
    name,
    language,
    country,
    profile_type,
    post_type,
    title,
    post_url,
    thumbnail_url,
    month_state,
    trending_rank,
    followers,
    views,
    plays,
    likes,
    comments,
    engagement,
    reach,
    engagement_ratio,
    engagement_by_views_ratio,
    reach_is_estimated,
    published_at,
    computed_as_of
from posts
where
    month <= {{ month_start(as_of()) }}
    and month > addMonths({{ month_start(as_of()) }}, -{{ var('trending_months') }})
