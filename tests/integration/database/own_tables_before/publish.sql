-- What versions up to 0.1.0 created when they first published.
create schema if not exists stir;
create table if not exists stir.generation (
    table_name text not null,
    generation bigint not null,
    event text not null check (event in ('publish', 'rollback')),
    content bigint not null,
    run_id text not null unique,
    stored_as text not null,
    table_oid oid not null,
    rows bigint not null,
    bytes bigint not null,
    checksum text not null,
    fingerprint text not null,
    watermark timestamp with time zone,
    manifest jsonb not null,
    published_at timestamp with time zone not null default clock_timestamp(),
    published_by text not null default current_user,
    primary key (table_name, generation)
);
comment on table stir.generation is
    'One row per publish or rollback of a published table, written in the transaction that swapped it.';
comment on column stir.generation.content is
    'Generation that first showed these rows; after a rollback older than the generation itself.';
comment on column stir.generation.stored_as is 'Name of the rows in schema stir while they are not live.';
comment on column stir.generation.watermark is 'Moment up to which every feed of the table has data in the rows.';
create table if not exists stir.run (
    run_id text primary key,
    table_name text not null,
    token text not null unique,
    keeper_pid integer,
    keeper_start timestamp with time zone,
    expires_at timestamp with time zone,
    started_at timestamp with time zone not null default clock_timestamp(),
    ended_at timestamp with time zone,
    outcome text,
    tidied_at timestamp with time zone
);
comment on table stir.run is
    'Runs, and the tokens in the names of what they make: noted first, so that a later run can tidy up.';
create table if not exists stir.lease (table_name text primary key, run_id text references stir.run);
comment on table stir.lease is 'Which run may publish a table.';
create table if not exists stir.contract_change (
    table_name text not null,
    shape text not null,
    change text not null,
    announced_at timestamp with time zone not null default clock_timestamp(),
    announced_by text not null default current_user,
    effective_at timestamp with time zone not null,
    generation bigint,
    primary key (table_name, shape, announced_at)
);
comment on table stir.contract_change is 'Changes of published tables'' columns, announced before they happen.';
comment on column stir.contract_change.shape is 'Digest of the columns as they will be.';
comment on column stir.contract_change.effective_at is 'No publish applies the change before this moment.';
comment on column stir.contract_change.generation is 'First generation with the change; NULL while it is to come.';
create table if not exists stir.table_record (
    table_name text primary key,
    table_oid oid not null,
    made jsonb not null
);
comment on table stir.table_record is
    'What publishes made of the tables that readers have: anything else on those was made by hand.';
