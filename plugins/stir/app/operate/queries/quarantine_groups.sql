-- How many open records each stream has for each reason, most first.
select
    record.stream,
    record.reason,
    count(*) as records,
    sum(record.times)::bigint as times,
    count(*) filter (where record.edited_by is not null) as edited,
    min(record.first_seen_at) as first_seen_at,
    max(record.last_seen_at) as last_seen_at
from ingest.quarantine as record
where record.state = 'open'
group by record.stream, record.reason
order by records desc, record.stream, record.reason
