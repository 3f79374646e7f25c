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
{#- The flags that decide about a counter whatever it says. A 0 of a post that is gone says nothing either, nor one of
    comments of a video made for children, which has none. #}
{%- set hidden = {
    'likes': 'hides_likes', 'views': 'hides_views', 'plays': 'hides_views',
    'comments': 'closes_comments or is_for_kids and comments = 0'
} %}
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
        hides_likes and {{ says_flag(['metrics', 'dimensions'], 'hidden_views') }} as hides_views,
        {{ says_flag(['metrics', 'dimensions'], 'made_for_kids') }} as is_for_kids,
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
        hides_views,
        closes_comments,
        is_for_kids,
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
    {%- for name in counters %}
    {{ unless_flagged(hidden.get(name, 'false') ~ ' or is_gone and ' ~ name ~ ' = 0', name) }} as {{ name }},
    {%- endfor %}
    published_at,
    event_at,
    ingested_at,
    _version
from valid
where {{ stays_in_place('valid', 'typed', ['platform', 'profile_id', 'shortcode', 'event_at']) }}
