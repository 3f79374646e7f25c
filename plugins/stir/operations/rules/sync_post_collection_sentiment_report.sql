-- One job per collection and newest comment: without new comments there is nothing to report.
insert into ops.report_job (kind, collection_id, data_watermark, params, created_at)
select
    'SENTIMENT', collection_id, (data_watermark || '+00')::timestamptz,
    jsonb_build_object('partner_id', partner_id::bigint, 'comments', comments::bigint), %(now)s
from fact
order by collection_id
on conflict (kind, collection_id, data_watermark) do nothing
returning collection_id;
