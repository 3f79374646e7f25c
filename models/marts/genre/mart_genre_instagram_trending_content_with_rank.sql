{{ config(materialized='view', access='private', tags=['daily']) }}

-- Grain: one row per month, category and shortcode: the reels of the base with reach, link and picture.
with leading as (
    select * from {{ ref('mart_genre_instagram_trending_content_base') }}
),

posts as (
    select shortcode, caption, thumbnail_url, display_url
    from {{ ref_latest('stg_beat_instagram_post') }}
    where shortcode in (select shortcode from leading)
),

pictures as (
    select entity_id as shortcode, asset_url
    from {{ ref_latest('stg_beat_asset_log') }}
    where platform = 'INSTAGRAM' and entity_type = 'POST' and entity_id in (select shortcode from leading)
)

select
    leading.month as month,
    leading.category as category,
    leading.shortcode as shortcode,
    leading.profile_id as profile_id,
    leading.handle as handle,
    leading.name as name,
    leading.language as language,
    leading.country as country,
    leading.profile_type as profile_type,
    leading.post_type as post_type,
    posts.caption as title,
    concat('https://www.instagram.com/reel/', leading.shortcode, '/') as post_url,
    coalesce(pictures.asset_url, posts.thumbnail_url, posts.display_url) as thumbnail_url,
    leading.month_state as month_state,
    leading.trending_rank as trending_rank,
    leading.followers as followers,
    leading.plays as plays,
    leading.views as views,
    leading.likes as likes,
    leading.comments as comments,
    leading.likes + leading.comments as engagement,
    coalesce(
        toFloat64(leading.measured_reach),
        {{ estimate_reel_reach('leading.plays', 'leading.followers') }}
    ) as reach,
    {{ rate_by_followers('leading.likes + leading.comments', 'leading.plays', 'leading.followers') }}
        as engagement_ratio,
    {{ rate_by_views('leading.likes + leading.comments', 'leading.plays') }} as engagement_by_views_ratio,
    if(reach is null, null, toBool(leading.measured_reach is null)) as reach_is_estimated,
    leading.published_at as published_at,
    leading.computed_as_of as computed_as_of
from leading
left join posts on leading.shortcode = posts.shortcode
left join pictures on leading.shortcode = pictures.shortcode
