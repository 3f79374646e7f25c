{{
    config(
        materialized='incremental',
        event_time='event_at',
        engine='ReplacingMergeTree(_version)',
        order_by=['platform', 'profile_id', 'event_at', 'event_id'],
        sharding_key='cityHash64(profile_id)',
        partition_by='toYYYYMM(event_at)',
        query_settings={'enable_shared_storage_snapshot_in_query': 0},
        projections=[
            project_newest(['ingested_at', 'least(event_at, ingested_at)'], ['platform']),
            project_places(['platform', 'profile_id', 'event_at']),
        ],
        indexes=[{'name': 'arrived', 'definition': 'ingested_at type minmax granularity 1'}],
        settings=merges_projections(),
        tags=['core'],
    )
}}
-- Grain: one row per event_id (read with FINAL). An event keeps its time and its profile for ever, so all its
-- deliveries meet in one partition and one place of the sort order, and the last delivery stays; a delivery that says
-- another time or profile is set aside.
with source as (
    select
        event_id,
        platform,
        profile_id,
        handle,
        source,
        event_timestamp,
        insert_timestamp,
        {{ parse_counts('metrics') }} as counts,
        platform != 'INSTAGRAM' and {{ says_flag(['metrics', 'dimensions'], 'hidden_subscribers') }} as is_hidden,
        {{ says_flag(['metrics', 'dimensions'], 'gone') }} as is_gone,
        {{ order_of_event(list_delivered('profile_log_events')) }} as _version
    from {{ source('events', 'profile_log_events') }} as feed
    where
        {{ ingested_since('insert_timestamp', 'ingested_at') }}
        -- a language model's answers about a profile share the table, keyed by handle
        and not startsWith(source, 'openapi_profile_info_')
),

typed as (
    select
        coalesce({{ clean_key('event_id') }}, '') as event_id,
        upper(trimBoth(platform)) as platform,
        coalesce({{ clean_key('profile_id') }}, '') as profile_id,
        {{ clean_handle('handle') }} as handle,
        trimBoth(source) as source,
        {{ read_count('counts', ['followers', 'subscriber_count']) }} as sent_followers,
        -- The flag decides, also where only the copied table has it. A deleted account is sent with counts of 0.
        if(
            is_hidden
            or is_gone and sent_followers = 0
            or (
                sent_followers = 0
                and trimBoth(profile_id) in (
                    select trimBoth(account.channel_id)
                    from {{ source('beat_replica', 'youtube_account') }} as account
                    where account.is_subscriber_count_hidden and {{ ingested_until(version_at('account')) }}
                )
            ),
            null,
            sent_followers
        ) as followers,
        {{ read_count('counts', ['following']) }} as following,
        {{ read_count('counts', ['view_count']) }} as views_total,
        {{ read_count('counts', ['video_count', 'media_count']) }} as uploads_total,
        event_timestamp as event_at,
        insert_timestamp as ingested_at,
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
        and platform in ('INSTAGRAM', 'YOUTUBE')
        and {{ is_plausible_event('event_at', 'ingested_at') }}
        and coalesce(sent_followers, following, views_total, uploads_total) is not null
)

select
    event_id,
    platform,
    profile_id,
    handle,
    source,
    followers,
    {%- for name in ['following', 'views_total', 'uploads_total'] %}
    {{ unless_flagged('is_gone and ' ~ name ~ ' = 0', name) }} as {{ name }},
    {%- endfor %}
    event_at,
    ingested_at,
    _version
from valid
where {{ stays_in_place('valid', 'typed', ['platform', 'profile_id', 'event_at']) }}
