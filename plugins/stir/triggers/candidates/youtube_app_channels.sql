-- Channels that joined the application within six months and have no statistics yet, newest first.
select
    account.channel_id as entity,
    0 as priority
from stg_coffee_view_youtube_account_lite as account
left join stg_beat_youtube_account as channel on account.channel_id = channel.channel_id
where
    match(account.channel_id, '^UC[A-Za-z0-9_-]{22}$')
    and account.created_at > {as_of:DateTime64(6, 'UTC')} - interval 6 month
    and ifNull(channel.followers, 0) = 0
order by account.created_at desc, entity
limit 1 by entity
