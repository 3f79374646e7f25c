-- Listed creators of whom fewer followers are stored than the sample needs, the least known first.
with stored as (
    select target_profile_id, uniqExact(source_profile_id) as followers
    from stg_beat_profile_relationship_log
    where relationship_type = 'follower'
    group by target_profile_id
)

select
    account.profile_id as entity,
    0 as priority
from stg_beat_instagram_account as account
inner join tracked as list on account.profile_id = list.value
left join stored on account.profile_id = stored.target_profile_id
where
    account.followers > 0
    and not ifNull(account.is_private, false)
    -- Nobody has more followers to show than he has.
    and ifNull(stored.followers, 0) < least({sample:UInt32}, assumeNotNull(account.followers))
order by list.priority, ifNull(stored.followers, 0), entity
