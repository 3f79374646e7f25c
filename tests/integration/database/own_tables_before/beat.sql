-- The scrape queue. One row per request for ever; what is done is kept until the retention of logs removes it.
create table if not exists scrape_request_log
(
    id bigint generated always as identity primary key,
    idempotency_key text not null unique,
    platform text not null,
    flow text not null,
    status text not null default 'PENDING' check (status in ('PENDING', 'PROCESSING', 'COMPLETE', 'FAILED')),
    params jsonb not null,
    data text,
    priority smallint not null check (priority > 0),
    retry_count smallint not null default 0,
    account_id text,
    created_at timestamptz not null,
    picked_at timestamptz,
    scraped_at timestamptz,
    expires_at timestamptz not null
)
-- A tenth of a queue of millions would be a long wait for the vacuum that keeps picking quick.
with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.02);

-- Workers walk this one from its beginning.
create index if not exists scrape_request_log_to_pick
    on scrape_request_log (priority, created_at, id) where status = 'PENDING';

create index if not exists scrape_request_log_held
    on scrape_request_log (picked_at) where status = 'PROCESSING';

-- The depth of a flow.
create index if not exists scrape_request_log_open
    on scrape_request_log (flow, expires_at) where status in ('PENDING', 'PROCESSING');

-- What was asked of a flow within a window.
create index if not exists scrape_request_log_asked
    on scrape_request_log (flow, created_at);
