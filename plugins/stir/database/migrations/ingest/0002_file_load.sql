-- Files that were loaded. A load that was killed goes on from its last whole block.
create table ingest.file_load (
    load_id text primary key,
    target text not null,
    file_name text not null,
    file_bytes bigint not null,
    options jsonb not null,
    rows_read bigint not null default 0,
    rows_loaded bigint not null default 0,
    rows_refused jsonb not null default '{}',
    blocks bigint not null default 0,
    started_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz
);
comment on table ingest.file_load is 'One row per file, contract version and options that were loaded.';
comment on column ingest.file_load.blocks is 'Blocks whose rows are in ClickHouse or in quarantine.';
