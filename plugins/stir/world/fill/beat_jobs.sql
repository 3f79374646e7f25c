insert into beat_replica.scrape_request_log
select * except (requested_at, changed_at, start)
from world.job_states(first = {first:Int64}, last = {last:Int64}, after = {after:Int64}, until = {until:Int64});

-- The recent window: requests since the start of the tracking.
insert into beat_replica.recent_scrape_request_log
select * except (requested_at, changed_at, start)
from world.job_states(first = {first:Int64}, last = {last:Int64}, after = {after:Int64}, until = {until:Int64})
where requested_at >= start;

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
from world.job_states(first = {first:Int64}, last = {last:Int64}, after = {after:Int64}, until = {until:Int64})
where requested_at >= start;

-- Stored profile pictures; every two months the owner changes the picture and only asset_url and updated_at follow.
insert into beat_replica.asset_log
with
    stored as (
        select
            *,
            greatest(born_at, horizon) + 86400 + world_draw(key, 'stored', 0, 864000) as stored_at,
            toInt64(arrayJoin(range(greatest(intDiv({until:Int64} - stored_at, 5184000) + 1, 0)))) as upload,
            stored_at + upload * 5184000 as uploaded_at,
            intDiv({until:Int64} - stored_at, 5184000) - upload as newer
        from world.account
        where creator >= {first:Int64} and creator < {last:Int64} and world_draw(key, 'has picture', 0, 10) < 7
    )
select
    row_id as id,
    account_id as entity_id,
    'PROFILE' as entity_type,
    platform,
    'IMAGE' as asset_type,
    concat('https://assets.example/profile/', account_id, '/', toString(upload), '.jpg') as asset_url,
    concat('https://cdn.example/ig/', account_id, '.jpg') as original_url,
    world_time64(stored_at, key) as created_at,
    world_time64(uploaded_at, key) as updated_at
from stored
where uploaded_at <= {until:Int64} and uploaded_at > {after:Int64} and uploaded_at < deleted_at
    and (newer = 0 or (newer = 1 and world_draw(key, 'redelivered asset', 0, 100) = 0) or uploaded_at + 5184000 >= deleted_at);

-- Stored thumbnails of posts since the start.
insert into beat_replica.asset_log
select
    bitOr(bitShiftLeft(toInt64(1), 62), post_id) as id,
    shortcode as entity_id,
    'POST' as entity_type,
    platform,
    'IMAGE' as asset_type,
    concat('https://assets.example/post/', shortcode, '.jpg') as asset_url,
    concat('https://cdn.example/ig/p/', shortcode, '.jpg') as original_url,
    world_time64(at + 600, post_key) as created_at,
    created_at as updated_at
from world.post_readings(first = {first:Int64}, last = {last:Int64}, after = {after:Int64} - 600, until = {until:Int64})
where reading = 1 and published_at >= start and world_draw(post_key, 'has thumbnail', 0, 10) < 4
    and at + 600 > {after:Int64} and at + 600 <= {until:Int64};
