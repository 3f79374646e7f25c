-- What workers of the real platforms need of the queue: a request may be given back until a later time, a lease lives
-- while its worker says so, and whoever waits hears of new requests.
alter table scrape_request_log add column if not exists due_at timestamptz;
alter table scrape_request_log add column if not exists held_at timestamptz;
comment on column scrape_request_log.due_at is 'A request that was given back is not picked before this time.';
comment on column scrape_request_log.held_at is 'When the worker last said that it still works on the request.';

create or replace function announce_scrape_requests() returns trigger
language plpgsql as $$
begin
    perform pg_notify('scrape_request_log', '');
    return null;
end
$$;

create or replace trigger scrape_request_log_announced
    after insert on scrape_request_log
    for each statement execute function announce_scrape_requests();
