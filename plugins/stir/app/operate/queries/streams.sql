-- What sinks took from each stream in the last 24 hours.
select
    batch.stream,
    sum(batch.records)::bigint as records,
    sum(batch.written)::bigint as written,
    sum(batch.refused)::bigint as refused,
    max(batch.arrived_at) as latest_at
from ingest.stream_batch as batch
where batch.messages > 0 and batch.arrived_at > now() - interval '24 hours'
group by batch.stream
