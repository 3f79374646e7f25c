{{ config(materialized='view', tags=['hourly']) }}

-- Grain: one row per id. The secret is not replicated; should a feed carry one, it is not read here.
select
    feed.id,
    {{ clean_text('feed.idempotency_key') }} as idempotency_key,
    lower({{ clean_text('feed.source') }}) as source,
    {{ clean_handle('feed.handle') }} as handle,
    coalesce(feed.enabled, false) as is_enabled,
    coalesce(feed.data_access_expired, false) as is_data_access_expired,
    {{ clean_time('feed.disabled_till') }} as disabled_until_at,
    {{ clean_time('feed.created_at') }} as created_at,
    {{ version_at('feed') }} as updated_at
from {{ source('beat_replica', 'credential') }} as feed
where {{ ingested_until(version_at('feed')) }}
{{ keep_latest('id', 'updated_at', ties=['is_data_access_expired', 'disabled_until_at', 'handle']) }}
