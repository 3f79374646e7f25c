insert into beat_replica.scrape_request_log
select * except (requested_at, changed_at, start, is_kept)
from world.job_changes(
    seed = {seed:UInt64}, first = {first:Int64}, last = {last:Int64}, after = {after:Int64}, until = {until:Int64})
where is_kept;

-- Every change of status, once.
insert into events.scrape_request_log_events
select
    concat('job-', toString(id), '-', status) as event_id,
    id as scl_id,
    idempotency_key,
    platform,
    flow,
    status,
    params,
    data as reason,
    priority,
    retry_count,
    toDateTime(picked_at) as picked_at,
    toDateTime(expires_at) as expires_at,
    world_time(changed_at) as event_timestamp,
    world_time(changed_at) as insert_timestamp
from world.job_changes(
    seed = {seed:UInt64}, first = {first:Int64}, last = {last:Int64}, after = {after:Int64}, until = {until:Int64})
where requested_at >= start;
