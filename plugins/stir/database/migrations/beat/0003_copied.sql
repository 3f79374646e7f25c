-- The warehouse has a copy of each closed request. A flag in the row, and not a mark of time, because requests are closed
-- by several programs at once, and none of them may be left out. What was closed before this version is not copied.
alter table scrape_request_log add column if not exists is_copied boolean;
alter table scrape_request_log alter column is_copied set default false;
comment on column scrape_request_log.is_copied is 'Closed, and handed to the stream of the warehouse.';
create index if not exists scrape_request_log_to_copy
    on scrape_request_log (id) where not is_copied and status in ('COMPLETE', 'FAILED');
