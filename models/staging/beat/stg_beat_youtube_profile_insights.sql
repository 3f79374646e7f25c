{{ config(materialized='view', tags=['hourly']) }}

-- Grain: one row per channel_id.
select
    assumeNotNull({{ clean_id('feed.channel_id', 'channel') }}) as channel_id,
    feed.id as insights_row_id,
    {{ parse_age_groups('feed.gender_age') }} as age_groups,
    {{ parse_weights('feed.city') }} as cities,
    {{ parse_weights('feed.country') }} as countries,
    {{ clean_time('feed.created_at') }} as created_at,
    {{ version_at('feed') }} as updated_at
from {{ source('beat_replica', 'youtube_profile_insights') }} as feed
where {{ clean_id('feed.channel_id', 'channel') }} is not null and {{ ingested_until(version_at('feed')) }}
{{ keep_latest('channel_id', 'updated_at', ties=['insights_row_id']) }}
