-- What sinks wrote. A batch that is written again under the same token stays one row.
create table ingest.stream_batch (
    token text primary key,
    stream text not null,
    source_table text not null,
    arrived_at timestamptz not null,
    messages bigint not null,
    records bigint not null,
    written bigint not null,
    refused bigint not null
);
create index stream_batch_day on ingest.stream_batch (stream, arrived_at);
comment on table ingest.stream_batch is 'One row per batch of a stream: its records are in ClickHouse or in quarantine.';
comment on column ingest.stream_batch.written is 'Rows in ClickHouse, also those that an earlier try had written.';
