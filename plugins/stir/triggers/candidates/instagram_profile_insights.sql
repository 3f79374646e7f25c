-- Accounts whose owners let us in and whose insights are older than a week or were never read, the oldest first.
select
    assumeNotNull(credential.handle) as entity,
    0 as priority
from stg_beat_credential as credential
left join (
    select handle, max(updated_at) as read_at from stg_beat_instagram_profile_insights group by handle
) as insights on credential.handle = insights.handle
where
    credential.source = 'graphapi'
    and credential.is_enabled
    and not credential.is_data_access_expired
    and ifNull(credential.disabled_until_at <= {as_of:DateTime64(6, 'UTC')}, true)
    and credential.handle is not null
    and ifNull(insights.read_at <= {as_of:DateTime64(6, 'UTC')} - interval 7 day, true)
order by insights.read_at is not null, insights.read_at, entity
limit 1 by entity
