{{
    config(
        materialized='incremental',
        event_time='acted_at',
        engine='ReplacingMergeTree(_version)',
        order_by='id',
        sharding_key='cityHash64(id)',
        unique_key='id',
        projections=[project_newest('acted_at')],
        settings=merges_projections(),
        tags=['hourly'],
    )
}}

-- Grain: one row per id for readers (ref_latest): a like or comment on a post. Append-only in the feed. Without
-- partitions by time: a row of the same id that says another month must meet the one it replaces.
with activities as (
    select
        feed.id as id,
        upper({{ clean_text('feed.platform') }}) as platform,
        {{ clean_id('feed.platform_post_id', 'post') }} as shortcode,
        {{ clean_text('feed.actor_profile_id') }} as actor_profile_id,
        upper({{ clean_text('feed.activity_type') }}) as activity_type,
        {{ clean_text('feed.source') }} as source,
        {{ clean_text(
            'JSONExtractString(' ~ mend_json("coalesce(feed.dimensions, '')") ~ ", 'text')"
        ) }} as comment_text,
        {{ parse_counts("coalesce(feed.metrics, '')") }} as counts,
        coalesce(feed.timestamp, toDateTime64(0, 6, 'UTC')) as acted_at,
        {{ delivery_order('acted_at', '0', 'feed.*') }} as _version
    from {{ source('beat_replica', 'post_activity_log') }} as feed
    where
        {{ ingested_since('acted_at', 'acted_at') }}
        -- An activity of tomorrow would hide all that is seen until then; it is read when its time has come.
        and acted_at <= {{ as_of() }}
)

select
    id,
    assumeNotNull(activities.platform) as platform,
    assumeNotNull(activities.shortcode) as shortcode,
    actor_profile_id,
    assumeNotNull(activities.activity_type) as activity_type,
    source,
    comment_text,
    {{ read_count('counts', ['likes']) }} as comment_likes,
    acted_at,
    _version
from activities
where
    activities.platform in ('INSTAGRAM', 'YOUTUBE')
    and activities.activity_type in ('LIKE', 'COMMENT')
    and activities.shortcode is not null
{{ keep_latest('id', '_version') }}
