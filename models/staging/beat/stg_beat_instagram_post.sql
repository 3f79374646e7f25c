{{
    config(
        materialized='incremental',
        engine='ReplacingMergeTree(_version)',
        order_by='shortcode',
        sharding_key='cityHash64(shortcode)',
        unique_key='shortcode',
        projections=[project_newest('updated_at')],
        settings=merges_projections(),
        tags=['core'],
    )
}}

-- Grain: one row per shortcode for readers (ref_latest), stories included.
with posts as (
    select
        assumeNotNull({{ clean_id('feed.shortcode', 'post') }}) as shortcode,
        {{ clean_id('feed.profile_id', 'profile') }} as profile_id,
        {{ clean_text('feed.post_id') }} as post_id,
        feed.id as post_row_id,
        {{ clean_handle('feed.handle') }} as handle,
        {{ known_value(
            'lower(' ~ clean_text('feed.post_type') ~ ')', ['image', 'carousel', 'reels', 'story']
        ) }} as post_type,
        lower({{ clean_text('feed.content_type') }}) as content_type,
        {{ clean_text('feed.caption') }} as caption,
        {{ clean_text('feed.display_url') }} as display_url,
        {{ clean_text('feed.thumbnail_url') }} as thumbnail_url,
        {{ unless_flagged('feed.like_and_view_counts_disabled', clean_count('feed.likes')) }} as likes,
        {{ unless_flagged('feed.comments_disabled', clean_count('feed.comments')) }} as comments,
        {{ unless_flagged('feed.like_and_view_counts_disabled', clean_count('feed.views')) }} as views,
        {{ unless_flagged('feed.like_and_view_counts_disabled', clean_count('feed.plays')) }} as plays,
        {{ clean_count('feed.reach') }} as reach,
        {{ clean_count('feed.impressions') }} as impressions,
        {{ clean_count('feed.saved') }} as saves,
        {{ clean_count('feed.shares') }} as shares,
        {{ clean_count('feed.interactions') }} as interactions,
        {{ unless_flagged(
            '(feed.like_and_view_counts_disabled or feed.comments_disabled)', clean_measure('feed.engagement')
        ) }} as engagement,
        {{ unless_flagged('feed.like_and_view_counts_disabled', clean_count('feed.video_views')) }} as video_views,
        {{ clean_count('feed.taps_forward') }} as taps_forward,
        {{ clean_count('feed.taps_back') }} as taps_back,
        {{ clean_count('feed.exits') }} as exits,
        {{ clean_count('feed.replies') }} as replies,
        {{ clean_count('feed.navigation') }} as navigation,
        {{ clean_count('feed.profile_activity') }} as profile_activity,
        {{ clean_count('feed.profile_visits') }} as profile_visits,
        {{ clean_count('feed.follows') }} as follows,
        {{ clean_count('feed.automatic_forward') }} as automatic_forward,
        {{ clean_count('feed.swipe_back') }} as swipe_back,
        {{ clean_count('feed.swipe_down') }} as swipe_down,
        {{ clean_count('feed.swipe_forward') }} as swipe_forward,
        {{ clean_count('feed.swipe_up') }} as swipe_up,
        {{ clean_count('feed.profile_follower') }} as first_seen_followers,
        {{ clean_measure('feed.profile_er') }} as first_seen_engagement_rate_pct,
        {{ clean_measure('feed.profile_static_er') }} as first_seen_static_engagement_rate_pct,
        {{ clean_measure('feed.profile_reels_er') }} as first_seen_reels_engagement_rate_pct,
        {{ clean_time('feed.publish_time', known_at=version_at('feed')) }} as published_at,
        {{ clean_time('feed.created_at') }} as created_at,
        {{ version_at('feed') }} as updated_at,
        {{ delivery_order(version_at('feed'), 'feed.id', 'feed.*') }} as _version
    from {{ source('beat_replica', 'instagram_post_simple') }} as feed
    where
        {{ clean_id('feed.shortcode', 'post') }} is not null
        and {{ ingested_since(version_at('feed'), 'updated_at') }}
)

{{ select_latest('posts', 'shortcode', '_version') }}
