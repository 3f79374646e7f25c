{{
    config(
        materialized='incremental',
        engine='ReplacingMergeTree(_version)',
        order_by=['platform', 'shortcode'],
        unique_key=['platform', 'shortcode'],
        query_settings={'optimize_move_to_prewhere': 0},
        projections=[project_newest('ingested_at')],
        settings=merges_projections(),
        tags=['weekly'],
    )
}}

-- Grain: one row per platform, shortcode for readers (ref_latest): where the post was last seen to be placed. The
-- feed's location is a name from most crawlers and a JSON object from one of them. The official API gives no place.
-- Without the setting the place of an event is looked for before it is known that the event has one.
with placed as (
    select
        upper(trimBoth(event.platform)) as platform,
        assumeNotNull({{ clean_id('event.shortcode', 'post') }}) as shortcode,
        {{ clean_text('event.profile_id') }} as profile_id,
        JSONType({{ mend_json('event.dimensions') }}, 'location') as location_type,
        JSONExtract(
            {{ mend_json('event.dimensions') }},
            'Tuple(location Nullable(String), location_lat Nullable(String), location_long Nullable(String))'
        ) as given,
        JSONExtract(
            if(location_type = 'Object', given.location, ''),
            'Tuple(name Nullable(String), lat Nullable(String), lng Nullable(String))'
        ) as place,
        multiIf(
            location_type = 'Object', place.name,
            location_type = 'String', given.location,
            null
        ) as place_name,
        {{ clean_text('place_name') }} as location,
        if(location_type = 'Object', place.lat, given.location_lat) as latitude_text,
        if(location_type = 'Object', place.lng, given.location_long) as longitude_text,
        event.event_timestamp as event_timestamp,
        event.insert_timestamp as ingested_at,
        {{ order_of_sighting(['event_id', 'profile_id', 'dimensions']) }} as _version
    from {{ source('events', 'post_log_events') }} as event
    where
        position(event.dimensions, '"location"') > 0
        and upper(trimBoth(event.platform)) in ('INSTAGRAM', 'YOUTUBE')
        and event.source != 'graphapi'
        and {{ clean_id('event.shortcode', 'post') }} is not null
        and {{ is_plausible_event('event.event_timestamp', 'event.insert_timestamp') }}
        and {{ ingested_since('event.insert_timestamp', 'ingested_at') }}
),

-- Coordinates arrive as numbers or as quoted text; a pair that is nowhere on earth is unknown.
located as (
    select
        *,
        toFloat64OrNull(latitude_text) as given_latitude,
        toFloat64OrNull(longitude_text) as given_longitude,
        given_latitude between -90 and 90 and given_longitude between -180 and 180 as is_on_earth
    from placed
    where location is not null
)

select
    platform,
    shortcode,
    profile_id,
    location,
    if(is_on_earth, given_latitude, null) as latitude,
    if(is_on_earth, given_longitude, null) as longitude,
    event_timestamp,
    ingested_at,
    _version
from located
{{ keep_latest(['platform', 'shortcode'], '_version') }}
