{{
    config(
        materialized='incremental',
        engine='ReplacingMergeTree(_version)',
        order_by='shortcode',
        unique_key='shortcode',
        projections=[project_newest('ingested_at')],
        settings=merges_projections(),
        tags=['weekly'],
    )
}}

-- Grain: one row per shortcode for readers (ref_latest): who was tagged when the tags were last seen. An empty list
-- says that nobody is tagged any more; an event without the list says nothing.
with seen as (
    select
        assumeNotNull({{ clean_id('event.shortcode', 'post') }}) as shortcode,
        {{ clean_text('event.profile_id') }} as profile_id,
        arrayMap(
            tag -> JSONExtractString(tag, 'user', 'username'),
            JSONExtractArrayRaw({{ mend_json('event.dimensions') }}, 'user_tags')
        ) as names,
        event.event_timestamp as event_timestamp,
        event.insert_timestamp as ingested_at,
        {{ order_of_sighting(['event_id', 'profile_id', 'dimensions']) }} as _version
    from {{ source('events', 'post_log_events') }} as event
    where
        upper(trimBoth(event.platform)) = 'INSTAGRAM'
        and JSONType({{ mend_json('event.dimensions') }}, 'user_tags') = 'Array'
        and {{ clean_id('event.shortcode', 'post') }} is not null
        and {{ is_plausible_event('event.event_timestamp', 'event.insert_timestamp') }}
        and {{ ingested_since('event.insert_timestamp', 'ingested_at') }}
)

select
    shortcode,
    profile_id,
    arraySort(arrayDistinct(
        arrayMap(handle -> assumeNotNull(handle), arrayFilter(
            handle -> handle is not null,
            arrayMap(name -> {{ clean_handle('name') }}, names)
        ))
    )) as tagged_handles,
    event_timestamp,
    ingested_at,
    _version
from seen
{{ keep_latest('shortcode', '_version') }}
