-- Enabled keyword collections without a report that are two hours old: their makers still edit younger ones.
select
    id as collection_id, keywords_json as keywords, platform, toString(starts_at) as starts_at,
    toString(ifNull(ends_at, created_at)) as data_watermark
from (
    select *, toJSONString(keywords) as keywords_json from stg_coffee_keyword_collection
)
where is_enabled and report_path is null and created_at <= {now:DateTime64(6, 'UTC')} - interval 2 hour
