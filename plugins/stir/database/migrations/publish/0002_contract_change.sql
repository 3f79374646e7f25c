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
