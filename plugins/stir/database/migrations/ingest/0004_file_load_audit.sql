-- What loads of files wrote and what was removed of theirs on purpose, so that the audit can hold them against the tables.
alter table ingest.file_load
    add column rows_written jsonb not null default '{}',
    add column rows_removed bigint not null default 0;
comment on column ingest.file_load.rows_written is 'Rows by source table; a record of a short way becomes several.';
comment on column ingest.file_load.rows_removed is 'Its records that were deleted from the quarantine.';
