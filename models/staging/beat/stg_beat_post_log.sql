{{
    config(
        materialized='incremental',
        event_time='event_at',
        engine='ReplacingMergeTree(_version)',
        order_by=['platform', 'profile_id', 'shortcode', 'event_at', 'event_id'],
        sharding_key='cityHash64(profile_id)',
        partition_by='toYYYYMM(event_at)',
        query_settings={'enable_shared_storage_snapshot_in_query': 0, 'min_insert_block_size_bytes': 536870912},
        projections=[
            project_newest(['ingested_at', 'least(event_at, ingested_at)'], ['platform']),
            project_places(['platform', 'profile_id', 'shortcode', 'event_at']),
        ],
        indexes=[{'name': 'arrived', 'definition': 'ingested_at type minmax granularity 1'}],
        settings=merges_projections(),
        tags=['core'],
    )
}}
-- Grain: one row per event_id (read with FINAL, whose memory is by the number of parts: greater blocks make fewer). An
-- event keeps its time and its post for ever, so all its deliveries meet in one partition and one place of the sort
-- order, and the last delivery stays; a delivery that says another time or post is set aside.
{%- set counters = list_logged_counters() %}
with source as (
    select
        event_id,
        platform,
        profile_id,
        handle,
        shortcode,
        source,
        publish_time,
        event_timestamp,
        insert_timestamp,
        {{ parse_counts('metrics') }} as counts,
        {{ says_flag(['metrics', 'dimensions'], 'hidden_likes') }} as hides_likes,
        {{ says_flag(['metrics', 'dimensions'], 'closed_comments') }} as closes_comments,
        {{ says_flag(['metrics', 'dimensions'], 'gone') }} as is_gone,
        {{ order_of_event(list_delivered('post_log_events')) }} as _version
    from {{ source('events', 'post_log_events') }} as feed
    where {{ ingested_since('insert_timestamp', 'ingested_at') }}
),

typed as (
    select
        coalesce({{ clean_key('event_id') }}, '') as event_id,
        upper(trimBoth(platform)) as platform,
        coalesce({{ clean_key('profile_id') }}, '') as profile_id,
        {{ clean_handle('handle') }} as handle,
        coalesce({{ clean_key('shortcode') }}, '') as shortcode,
        trimBoth(source) as source,
        {%- for name, spellings in counters.items() %}
        {{ read_count('counts', spellings) }} as {{ name }},
        {%- endfor %}
        if({{ is_plausible_event('publish_time', 'event_timestamp') }}, publish_time, null) as published_at,
        event_timestamp as event_at,
        insert_timestamp as ingested_at,
        hides_likes,
        closes_comments,
        is_gone,
        _version
    from source
),

valid as (
    select *
    from typed
    where
        event_id != ''
        and profile_id != ''
        and shortcode != ''
        and platform in ('INSTAGRAM', 'YOUTUBE')
        and {{ is_plausible_event('event_at', 'ingested_at') }}
        and coalesce({{ counters.keys() | join(', ') }}) is not null
)

-- The flag decides about the number that is sent beside it.
select
    event_id,
    platform,
    profile_id,
    handle,
    shortcode,
    source,
    {{ unless_flagged('hides_likes or is_gone and likes = 0', 'likes') }} as likes,
    {{ unless_flagged('closes_comments or is_gone and comments = 0', 'comments') }} as comments,
    {{ unless_flagged('hides_likes or is_gone and plays = 0', 'plays') }} as plays,
    {{ unless_flagged('hides_likes or is_gone and views = 0', 'views') }} as views,
    reach,
    impressions,
    shares,
    saved,
    taps_forward,
    taps_back,
    exits,
    swipe_ups,
    replies,
    navigation,
    profile_visits,
    follows,
    sticker_taps,
    mentions,
    published_at,
    event_at,
    ingested_at,
    _version
from valid
where {{ stays_in_place('valid', 'typed', ['platform', 'profile_id', 'shortcode', 'event_at']) }}
