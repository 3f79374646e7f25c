-- Records in quarantine, those that came last first. What is encrypted is not read here.
select
    record.quarantine_id,
    record.stream,
    record.schema_version,
    record.reason,
    record.path,
    record.origin,
    record.times,
    record.first_seen_at,
    record.last_seen_at,
    record.state,
    record.closed_at,
    record.edited_by
from ingest.quarantine as record
where
    (%(stream)s::text is null or record.stream = %(stream)s)
    and (%(reason)s::text is null or record.reason = %(reason)s)
    and (%(state)s::text = 'all' or record.state = %(state)s)
    and (%(before)s::bigint is null or record.quarantine_id < %(before)s)
order by record.quarantine_id desc
limit %(limit)s
