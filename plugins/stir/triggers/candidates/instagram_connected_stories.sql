-- Accounts whose owners let us in; those with the most recent story first, because theirs expire next.
select
    assumeNotNull(credential.handle) as entity,
    0 as priority
from stg_beat_credential as credential
left join (
    select handle, max(published_at) as last_story_at
    from stg_beat_instagram_post
    where post_type = 'story'
    group by handle
) as story on credential.handle = story.handle
where
    credential.source = 'graphapi'
    and credential.is_enabled
    and not credential.is_data_access_expired
    and ifNull(credential.disabled_until_at <= {as_of:DateTime64(6, 'UTC')}, true)
    and credential.handle is not null
order by ifNull(story.last_story_at, toDateTime64(0, 6, 'UTC')) desc, entity
limit 1 by entity
