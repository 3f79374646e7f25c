-- Creators of the graph (their followers are stored) of whom not one account that they follow is stored.
select
    account.profile_id as entity,
    0 as priority
from stg_beat_instagram_account as account
where
    account.following > 0
    and not ifNull(account.is_private, false)
    and account.profile_id in (select target_profile_id from stg_beat_profile_relationship_log)
    and account.profile_id not in (
        select source_profile_id from stg_beat_profile_relationship_log where relationship_type = 'following'
    )
order by ifNull(account.followers, 0) desc, entity
