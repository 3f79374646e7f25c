-- The requests of the queue as a change-captured copy shows them: every state that is not there yet. Ids of the queue
-- lie above those of the world's own requests.
insert into beat_replica.scrape_request_log
select
    bitOr(bitShiftLeft(toInt64(1), 62), changed.id) as id,
    idempotency_key, platform, 'stir' as source, account_id, flow, status, priority, params, data,
    created_at, picked_at, scraped_at, expires_at, retry_count
from changed
where (bitOr(bitShiftLeft(toInt64(1), 62), changed.id), status, retry_count) not in (
    select id, status, assumeNotNull(retry_count) from beat_replica.scrape_request_log
    where id >= bitShiftLeft(toInt64(1), 62)
);

insert into beat_replica.recent_scrape_request_log
select *
from beat_replica.scrape_request_log
where id >= bitShiftLeft(toInt64(1), 62) and (id, status, retry_count) not in (
    select id, status, retry_count from beat_replica.recent_scrape_request_log
    where id >= bitShiftLeft(toInt64(1), 62)
);
