-- The channels of ops.tracked_entity that must never be stale, the stalest first.
select
    list.value as entity,
    0 as priority
from tracked as list
left join stg_beat_youtube_account as channel on list.value = channel.channel_id
where match(list.value, '^UC[A-Za-z0-9_-]{22}$')
order by list.priority, channel.updated_at is not null, channel.updated_at, entity
