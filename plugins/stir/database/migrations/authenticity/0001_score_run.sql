-- Runs of the scorer of followers. What was scored is in ClickHouse; this says who scored when, and how far a run came.
create schema if not exists authenticity;

create table authenticity.migration (
    name text primary key,
    checksum text not null,
    applied_at timestamptz not null default clock_timestamp()
);
comment on table authenticity.migration is 'Files of plugins/stir/database/migrations/authenticity that were applied here.';

create table authenticity.score_run (
    run_id text primary key,
    rules_version integer not null,
    model_version integer not null,
    names_version integer not null,
    workers integer not null,
    edges_planned bigint not null,
    creators_planned bigint not null,
    edges bigint not null default 0,
    chunks bigint not null default 0,
    creators bigint not null default 0,
    started_at timestamptz not null default clock_timestamp(),
    last_chunk_at timestamptz,
    finished_at timestamptz
);
comment on table authenticity.score_run is 'One row per run of the scorer of followers.';
comment on column authenticity.score_run.edges is 'Followers whose scores are in ClickHouse; a killed run may have written one chunk more.';
comment on column authenticity.score_run.finished_at is 'NULL while it runs, and for good where it was killed.';
