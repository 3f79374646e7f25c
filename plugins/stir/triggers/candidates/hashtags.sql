-- The enabled hashtags of ops.tracked_entity, without the sign.
select
    trim(leading '#' from lower(value)) as entity,
    0 as priority
from tracked
where entity != ''
order by tracked.priority, entity
limit 1 by entity
