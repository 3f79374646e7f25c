{{
    config(
        order_by=['platform', 'platform_id', 'short_code'],
        group='profile_stats',
        access='public',
        tags=['post_ranker'],
    )
}}

-- Grain: one row per platform, platform_id, short_code: the var recent_posts newest posts of each account, and as many
-- best ones: by engagement on Instagram, where pictures have no views, and by views on YouTube.
with reels_and_pictures as (
    select * from {{ ref('mart_instagram_all_posts') }}
),

videos as (
    select *
    from {{ ref_latest('stg_beat_youtube_post') }}
    where
        channel_id is not null
        and coalesce(privacy_status, '') != 'private'
        and (published_at is null or published_at <= {{ as_of() }})
),

-- Narrow rows: windows do not spill.
judged as (
    select
        'INSTAGRAM' as platform, profile_id as platform_id, post_shortcode as short_code, engagement as merit,
        published_at
    from reels_and_pictures
    union all
    select
        'YOUTUBE' as platform, assumeNotNull(channel_id) as platform_id, shortcode as short_code, views as merit,
        published_at
    from videos
),

placed as (
    select
        platform,
        platform_id,
        short_code,
        row_number() over (
            partition by platform, platform_id order by published_at desc nulls last, short_code asc
        ) as by_time,
        row_number() over (
            partition by platform, platform_id
            order by merit desc nulls last, published_at desc nulls last, short_code asc
        ) as by_merit,
        if(by_time <= {{ var('recent_posts') }}, toUInt32(by_time), null) as newest_place,
        if(by_merit <= {{ var('recent_posts') }} and merit is not null, toUInt32(by_merit), null) as best_place
    from judged
),

shown as (
    select platform, platform_id, short_code, newest_place, best_place
    from placed
    where newest_place is not null or best_place is not null
),

captions as (
    select shortcode, caption, thumbnail_url, display_url
    from {{ ref_latest('stg_beat_instagram_post') }}
    where shortcode in (select short_code from shown where platform = 'INSTAGRAM')
),

subscribers as (
    select channel_id, followers
    from {{ ref('mart_youtube_account') }}
),

described as (
    select
        'INSTAGRAM' as platform,
        own.post_shortcode as short_code,
        own.post_type as post_type,
        captions.caption as title,
        concat(
            if(own.post_type = 'reels', 'https://www.instagram.com/reel/', 'https://www.instagram.com/p/'),
            own.post_shortcode,
            '/'
        ) as post_url,
        coalesce(captions.thumbnail_url, captions.display_url) as picture,
        own.followers as followers,
        own.views as views,
        own.plays as plays,
        own.likes as likes,
        own.comments as comments,
        own.engagement as engagement,
        own.reach as reach,
        {{ rate_by_views('own.engagement', 'coalesce(own.plays, own.views)') }} as engagement_by_views_ratio,
        own.reach_is_estimated as reach_is_estimated,
        own.published_at as published_at
    from reels_and_pictures as own
    left join captions on own.post_shortcode = captions.shortcode
    where own.post_shortcode in (select short_code from shown where platform = 'INSTAGRAM')
    union all
    select
        'YOUTUBE' as platform,
        own.shortcode as short_code,
        own.post_type as post_type,
        own.title as title,
        concat(
            if(own.post_type = 'short', 'https://www.youtube.com/shorts/', 'https://www.youtube.com/watch?v='),
            own.shortcode
        ) as post_url,
        replaceRegexpOne(own.thumbnail, '/default\\.jpg$', '/hqdefault.jpg') as picture,
        subscribers.followers as followers,
        own.views as views,
        cast(null as Nullable(Int64)) as plays,
        own.likes as likes,
        own.comments as comments,
        own.likes + own.comments as engagement,
        toFloat64(own.views) as reach,
        {{ rate_by_views('own.likes + own.comments', 'own.views') }} as engagement_by_views_ratio,
        if(own.views is null, null, true) as reach_is_estimated,
        own.published_at as published_at
    from videos as own
    left join subscribers on own.channel_id = subscribers.channel_id
    where own.shortcode in (select short_code from shown where platform = 'YOUTUBE')
),

pictures as (
    select platform, entity_id, asset_url
    from {{ ref_latest('stg_beat_asset_log') }}
    where entity_type = 'POST' and entity_id in (select short_code from shown)
)

select
    shown.platform as platform,
    shown.platform_id as platform_id,
    shown.short_code as short_code,
    described.post_type as post_type,
    described.title as title,
    assumeNotNull(described.post_url) as post_url,
    coalesce(pictures.asset_url, described.picture) as thumbnail_url,
    if(shown.platform = 'INSTAGRAM', 'engagement', 'views') as best_by,
    shown.newest_place as newest_place,
    shown.best_place as best_place,
    described.followers as followers,
    described.views as views,
    described.plays as plays,
    described.likes as likes,
    described.comments as comments,
    described.engagement as engagement,
    described.reach as reach,
    described.engagement_by_views_ratio as engagement_by_views_ratio,
    {{ divide('described.engagement', 'described.followers') }} as engagement_by_followers_ratio,
    described.reach_is_estimated as reach_is_estimated,
    described.published_at as published_at
from shown
inner join described on shown.platform = described.platform and shown.short_code = described.short_code
left join pictures on shown.platform = pictures.platform and shown.short_code = pictures.entity_id
