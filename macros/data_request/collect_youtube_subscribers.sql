{#- A model's body. Who subscribes to which channel, one row per pair as last seen, from an event store (events or
    events_stage). What the channels are is looked up when an edge is read: it says how they were then. -#}
{% macro collect_youtube_subscribers(event_store) -%}
with sightings as (
    select
        trimBoth(event.source_channel_id) as subscriber_id,
        trimBoth(event.target_channel_id) as channel_id,
        {{ clean_text('event.relationship_id') }} as relationship_id,
        {{ clean_text('event.source') }} as source,
        {{ subscribed_on('event') }} as given_time,
        {{ is_plausible_event('given_time', 'event.event_timestamp') }} as is_possible,
        if(is_possible, given_time, null) as subscribed_at,
        event.event_timestamp as event_timestamp,
        event.insert_timestamp as ingested_at,
        {{ order_of_sighting(['event_id', 'relationship_id', 'source', 'subscribed_on']) }} as _version
    from {{ source(event_store, 'yt_profile_relationship_log_events') }} as event
    where
        lower(event.relationship_type) = 'subscription'
        and {{ clean_id('event.source_channel_id', 'channel') }} is not null
        and {{ clean_id('event.target_channel_id', 'channel') }} is not null
        and {{ is_plausible_event('event.event_timestamp', 'event.insert_timestamp') }}
        and {{ ingested_since('event.insert_timestamp', 'ingested_at') }}
),

edges as (
    select *
    from sightings
    {{ keep_latest(['subscriber_id', 'channel_id'], '_version') }}
),

channels as (
    select channel_id, category, country
    from {{ ref('mart_youtube_account') }}
)

select
    edges.subscriber_id as subscriber_id,
    edges.channel_id as channel_id,
    edges.relationship_id as relationship_id,
    edges.source as source,
    subscribers.category as subscriber_category,
    subscribers.country as subscriber_country,
    targets.category as channel_category,
    targets.country as channel_country,
    edges.subscribed_at as subscribed_at,
    edges.event_timestamp as event_timestamp,
    edges.ingested_at as ingested_at,
    edges._version as _version
from edges
left join channels as subscribers on edges.subscriber_id = subscribers.channel_id
left join channels as targets on edges.channel_id = targets.channel_id
{%- endmacro %}
