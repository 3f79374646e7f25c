create table if not exists stir.table_record (
    table_name text primary key,
    table_oid oid not null,
    made jsonb not null
);
comment on table stir.table_record is
    'What publishes made of the tables that readers have: anything else on those was made by hand.';
