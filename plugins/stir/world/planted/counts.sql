-- Planted dirt, counted in the source tables: kind, count.
select 'events late by more than 4 hours', count()
from (
    select event_timestamp, insert_timestamp from events.post_log_events
    union all
    select event_timestamp, insert_timestamp from events.profile_log_events
)
where insert_timestamp > event_timestamp + 14400;
