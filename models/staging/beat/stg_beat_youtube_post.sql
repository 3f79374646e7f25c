{{
    config(
        materialized='incremental',
        engine='ReplacingMergeTree(_version)',
        order_by='shortcode',
        sharding_key='cityHash64(shortcode)',
        unique_key='shortcode',
        projections=[project_newest('updated_at'), project_by_channel()],
        indexes=[{'name': 'arrived', 'definition': 'updated_at type minmax granularity 1'}],
        settings=dict(merges_projections(), index_granularity=256),
        tags=['core'],
    )
}}

-- Grain: one row per shortcode (video id) for readers (ref_latest). A private video is sent with counters of 0, which
-- say nothing. mart_youtube_account_activity asks for what came, and for the videos of single channels.
{%- set is_private = "lower(trimBoth(feed.privacy_status)) = 'private'" %}
{%- set no_comments = 'feed.comments_disabled or ' ~ is_private ~ ' and feed.comments = 0' %}
with posts as (
    select
        assumeNotNull({{ clean_id('feed.shortcode', 'post') }}) as shortcode,
        {{ clean_id('feed.channel_id', 'channel') }} as channel_id,
        {{ clean_text('feed.playlist_id') }} as playlist_id,
        feed.id as post_row_id,
        {{ clean_text('feed.channel_title') }} as channel_title,
        {{ known_value('lower(' ~ clean_text('feed.post_type') ~ ')', ['video', 'short']) }} as post_type,
        {{ clean_text('feed.title') }} as title,
        {{ clean_text('feed.description') }} as description,
        {{ clean_text('feed.category_id') }} as category_id,
        {{ clean_text('feed.category') }} as category,
        {{ clean_text('feed.audio_language') }} as audio_language,
        {{ clean_text('feed.tags') }} as tags,
        {{ clean_text('feed.keywords') }} as keywords,
        {{ clean_text('feed.content_rating') }} as content_rating,
        lower({{ clean_text('feed.privacy_status') }}) as privacy_status,
        {{ clean_text('feed.thumbnail') }} as thumbnail,
        {{ clean_text('feed.thumbnails') }} as thumbnails,
        {{ unless_flagged(is_private ~ ' and feed.views = 0', clean_count('feed.views')) }} as views,
        {{ unless_flagged(is_private ~ ' and feed.likes = 0', clean_count('feed.likes')) }} as likes,
        {{ unless_flagged(no_comments, clean_count('feed.comments')) }} as comments,
        {{ clean_count('feed.favourites') }} as favourites,
        {{ duration_seconds('feed.duration') }} as duration_seconds,
        feed.is_licensed,
        {{ clean_time('feed.published_at', known_at=version_at('feed')) }} as published_at,
        {{ clean_time('feed.created_at') }} as created_at,
        {{ version_at('feed') }} as updated_at,
        {{ delivery_order(version_at('feed'), 'feed.id', 'feed.*') }} as _version
    from {{ source('beat_replica', 'youtube_post_simple') }} as feed
    where
        {{ clean_id('feed.shortcode', 'post') }} is not null
        and {{ ingested_since(version_at('feed'), 'updated_at') }}
)

{{ select_latest('posts', 'shortcode', '_version') }}
