-- Channels whose owners let us in and whose analytics are older than a week or were never read, the oldest first.
with channels as (
    -- The credential names its channel in its key only: ytapi:UC...
    select distinct extract(ifNull(idempotency_key, ''), 'UC[A-Za-z0-9_-]{22}') as channel_id
    from stg_beat_credential
    where
        source = 'ytapi'
        and is_enabled
        and not is_data_access_expired
        and ifNull(disabled_until_at <= {as_of:DateTime64(6, 'UTC')}, true)
)

select
    channels.channel_id as entity,
    0 as priority
from channels
left join stg_beat_youtube_profile_insights as insights on channels.channel_id = insights.channel_id
where
    channels.channel_id != ''
    and ifNull(insights.updated_at <= {as_of:DateTime64(6, 'UTC')} - interval 7 day, true)
order by insights.updated_at is not null, insights.updated_at, entity
