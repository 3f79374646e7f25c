{{ config(materialized='view', tags=['hourly']) }}

-- Grain: one row per profile_id.
select
    assumeNotNull({{ clean_id('feed.profile_id', 'profile') }}) as profile_id,
    feed.id as insights_row_id,
    {{ clean_handle('feed.handle') }} as handle,
    {{ parse_age_groups('feed.audience_gender_age') }} as age_groups,
    {{ parse_weights('feed.audience_city') }} as cities,
    {{ parse_weights('feed.audience_country') }} as countries,
    {{ parse_weights('feed.audience_locale') }} as locales,
    {%- for scope in ['reached', 'engaged'] %}
    {{ parse_age_groups('feed.' ~ scope ~ '_audience_gender_age') }} as {{ scope }}_age_groups,
    {{ parse_weights('feed.' ~ scope ~ '_audience_city') }} as {{ scope }}_cities,
    {{ parse_weights('feed.' ~ scope ~ '_audience_country') }} as {{ scope }}_countries,
    {%- endfor %}
    {{ clean_time('feed.created_at') }} as created_at,
    {{ version_at('feed') }} as updated_at
from {{ source('beat_replica', 'instagram_profile_insights') }} as feed
where {{ clean_id('feed.profile_id', 'profile') }} is not null and {{ ingested_until(version_at('feed')) }}
{{ keep_latest('profile_id', 'updated_at', ties=['insights_row_id', 'handle']) }}
