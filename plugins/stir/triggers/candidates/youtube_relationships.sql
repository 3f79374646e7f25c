-- Channels of the registry: those never tried first, then those tried longest ago.
select
    registry.value as entity,
    0 as priority
from tracked as registry
left join mart_youtube_relationship_attempts as attempt on registry.value = attempt.channel_id
where match(registry.value, '^UC[A-Za-z0-9_-]{22}$')
order by attempt.channel_id is not null, registry.priority, attempt.last_tried_at, entity
