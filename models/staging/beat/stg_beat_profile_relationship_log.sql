{{
    config(
        materialized='incremental',
        event_time='seen_at',
        engine='ReplacingMergeTree(_version)',
        order_by=['target_profile_id', 'source_profile_id', 'relationship_type'],
        sharding_key='cityHash64(target_profile_id)',
        unique_key=['target_profile_id', 'source_profile_id', 'relationship_type'],
        projections=[project_newest('seen_at')],
        settings=merges_projections(),
        tags=['hourly'],
    )
}}

-- Grain: one row per target_profile_id, source_profile_id, relationship_type for readers (ref_latest): the edge as last
-- seen. The source follows the target; a crawl of the target's followers and one of the source's own list both show it.
with sightings as (
    select
        assumeNotNull({{ clean_key('feed.target_profile_id') }}) as target_profile_id,
        assumeNotNull({{ clean_key('feed.source_profile_id') }}) as source_profile_id,
        lower(assumeNotNull({{ clean_key('feed.relationship_type') }})) as relationship_type,
        feed.id as edge_row_id,
        {{ known_value('upper(' ~ clean_text('feed.platform') ~ ')', ['INSTAGRAM', 'YOUTUBE']) }} as platform,
        {{ clean_text('feed.source') }} as source,
        {{ mend_json("coalesce(feed.source_dimensions, '')") }} as follower_document,
        {{ parse_counts("coalesce(feed.source_metrics, '')") }} as counts,
        {{ clean_handle(
            'JSONExtractString(' ~ mend_json("coalesce(feed.target_dimensions, '')") ~ ", 'handle')"
        ) }} as target_handle,
        coalesce(feed.timestamp, toDateTime64(0, 6, 'UTC')) as seen_at,
        {{ delivery_order('seen_at', 'feed.id', 'feed.*') }} as _version
    from {{ source('beat_replica', 'profile_relationship_log') }} as feed
    where
        {{ clean_key('feed.target_profile_id') }} is not null
        and {{ clean_key('feed.source_profile_id') }} is not null
        and lower({{ clean_key('feed.relationship_type') }}) in ('follower', 'following')
        and {{ ingested_since('seen_at', 'seen_at') }}
        -- An edge of tomorrow would hide all that is seen until then; it is read when its time has come.
        and seen_at <= {{ as_of() }} + interval {{ var('clock_skew_minutes') }} minute
)

select
    target_profile_id,
    source_profile_id,
    relationship_type,
    edge_row_id,
    platform,
    source,
    {{ clean_handle("JSONExtractString(follower_document, 'handle')") }} as source_handle,
    {{ clean_text("JSONExtractString(follower_document, 'full_name')") }} as source_full_name,
    target_handle,
    {{ read_count('counts', ['followers']) }} as source_followers,
    {{ read_count('counts', ['following']) }} as source_following,
    seen_at,
    _version
from sightings
{{ keep_latest(['target_profile_id', 'source_profile_id', 'relationship_type'], '_version') }}
