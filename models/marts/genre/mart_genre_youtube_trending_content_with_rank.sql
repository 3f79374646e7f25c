{{ config(materialized='view', access='private', tags=['daily']) }}

-- Grain: one row per month, category and shortcode: the videos of the base with link and picture.
with leading as (
    select * from {{ ref('mart_genre_youtube_trending_content_base') }}
),

posts as (
    select shortcode, title, thumbnail
    from {{ ref_latest('stg_beat_youtube_post') }}
    where shortcode in (select shortcode from leading)
),

pictures as (
    select entity_id as shortcode, asset_url
    from {{ ref_latest('stg_beat_asset_log') }}
    where platform = 'YOUTUBE' and entity_type = 'POST' and entity_id in (select shortcode from leading)
)

select
    leading.month as month,
    leading.category as category,
    leading.shortcode as shortcode,
    leading.channel_id as channel_id,
    leading.handle as handle,
    leading.name as name,
    leading.language as language,
    leading.country as country,
    leading.profile_type as profile_type,
    leading.post_type as post_type,
    posts.title as title,
    concat(
        if(leading.post_type = 'short', 'https://www.youtube.com/shorts/', 'https://www.youtube.com/watch?v='),
        leading.shortcode
    ) as post_url,
    -- The feed's picture is 120 pixels wide; the same address with hq before its name gives 480.
    coalesce(
        pictures.asset_url,
        replaceRegexpOne(posts.thumbnail, '/default\\.jpg$', '/hqdefault.jpg')
    ) as thumbnail_url,
    leading.month_state as month_state,
    leading.trending_rank as trending_rank,
    leading.followers as followers,
    leading.views as views,
    leading.likes as likes,
    leading.comments as comments,
    leading.likes + leading.comments as engagement,
    toFloat64(leading.views) as reach,
    {{ rate_by_followers('leading.likes + leading.comments', 'leading.views', 'leading.followers') }}
        as engagement_ratio,
    {{ rate_by_views('leading.likes + leading.comments', 'leading.views') }} as engagement_by_views_ratio,
    true as reach_is_estimated,
    leading.published_at as published_at,
    leading.computed_as_of as computed_as_of
from leading
left join posts on leading.shortcode = posts.shortcode
left join pictures on leading.shortcode = pictures.shortcode
