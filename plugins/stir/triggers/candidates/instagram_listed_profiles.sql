-- Profiles on the list of ops.tracked_entity that can be read.
select
    account.profile_id as entity,
    0 as priority,
    account.handle as handle
from stg_beat_instagram_account as account
inner join tracked as list on account.profile_id = list.value
where account.handle is not null and not ifNull(account.is_private, false)
order by list.priority, ifNull(account.followers, 0) desc, entity
