-- Tracked profiles that are due, strictly by the source's priority, then by how long they have been due.
select
    handle as entity,
    priority,
    cool_down_days * 86400 as cool_down_seconds
from mart_instagram_tracked_profiles
where next_attempt <= {as_of:DateTime64(6, 'UTC')}
order by priority, next_attempt, handle
