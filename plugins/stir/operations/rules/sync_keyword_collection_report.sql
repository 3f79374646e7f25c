-- One job per keyword collection and end of its data; a collection whose end is moved gets a new report.
insert into ops.report_job (kind, collection_id, data_watermark, params, created_at)
select
    'KEYWORD', collection_id, (data_watermark || '+00')::timestamptz,
    jsonb_build_object('keywords', keywords::jsonb, 'platform', platform, 'from', starts_at, 'to', data_watermark),
    %(now)s
from fact
order by collection_id
on conflict (kind, collection_id, data_watermark) do nothing
returning collection_id;
