{{
    config(
        materialized='incremental',
        engine='ReplacingMergeTree(_version)',
        order_by='channel_id',
        sharding_key='cityHash64(channel_id)',
        unique_key='channel_id',
        projections=[project_newest('updated_at')],
        settings=merges_projections(),
        tags=['core'],
    )
}}

-- Grain: one row per channel_id for readers (ref_latest). country may still be a name; marts map it to a code.
select
    assumeNotNull({{ clean_id('feed.channel_id', 'channel') }}) as channel_id,
    feed.id as account_row_id,
    {{ clean_text('feed.uploads_playlist_id') }} as uploads_playlist_id,
    {{ clean_text('feed.gplsuid') }} as google_plus_id,
    {{ clean_text('feed.title') }} as title,
    {{ clean_text('feed.username') }} as username,
    {{ clean_handle('feed.custom_url') }} as custom_url,
    {{ clean_text('feed.description') }} as description,
    {{ clean_text('feed.country') }} as country,
    upper({{ clean_text('feed.tagged_country') }}) as tagged_country,
    lower({{ clean_text('feed.language') }}) as language,
    {{ clean_text('feed.locale') }} as locale,
    {{ clean_text('feed.yt_category_id') }} as yt_category_id,
    {{ clean_text('feed.yt_category') }} as yt_category,
    {{ known_value('upper(' ~ clean_text('feed.account_type') ~ ')', ['CREATOR', 'BRAND']) }} as profile_type,
    {{ clean_text('feed.thumbnail') }} as thumbnail,
    {{ clean_text('feed.thumbnails') }} as thumbnails,
    {{ clean_text('feed.external_urls') }} as external_urls,
    -- A channel that hides its subscribers is sent with a 0 in their place: the flag decides.
    if(feed.is_subscriber_count_hidden, null, {{ clean_count('feed.subscribers') }}) as followers,
    {{ clean_count('feed.uploads') }} as uploads,
    {{ clean_count('feed.views') }} as views,
    {{ clean_count('feed.shorts') }} as shorts,
    {{ clean_measure('feed.er12p') }} as engagement_rate_12_posts,
    feed.is_subscriber_count_hidden,
    feed.is_verified,
    {{ clean_time('feed.published_at', known_at=version_at('feed')) }} as published_at,
    {{ clean_time('feed.created_at') }} as created_at,
    {{ version_at('feed') }} as updated_at,
    {{ delivery_order(version_at('feed'), 'feed.id', 'feed.*') }} as _version
from {{ source('beat_replica', 'youtube_account') }} as feed
where
    {{ clean_id('feed.channel_id', 'channel') }} is not null
    and {{ ingested_since(version_at('feed'), 'updated_at') }}
{{ keep_latest('channel_id', '_version') }}
