{{ config(order_by='id', tags=['collections']) }}

-- Grain: one row per id.
select
    assumeNotNull({{ clean_key('feed.id') }}) as id,
    {{ clean_key('feed.share_id') }} as share_id,
    feed.partner_id,
    feed.job_id,
    {{ clean_text('feed.source_id') }} as source_id,
    {{ clean_text('feed.name') }} as name,
    {{ clean_text('feed.source') }} as source,
    {{ clean_text('feed.metrics_ingestion_freq') }} as metrics_ingestion_freq,
    {{ clean_text(mend_json("coalesce(feed.disabled_metrics, '')")) }} as disabled_metrics,
    {{ clean_text('feed.sentiment_report_bucket') }} as sentiment_report_bucket,
    {{ clean_text('feed.sentiment_report_path') }} as sentiment_report_path,
    {{ clean_text('feed.created_by') }} as created_by,
    {{ clean_count('feed.budget') }} as budget,
    feed.enabled as is_enabled,
    {{ clean_time('feed.start_time') }} as starts_at,
    {{ clean_time('feed.end_time') }} as ends_at,
    {{ created_at('feed') }} as created_at,
    feed.updated_at
from {{ source('coffee_replica', 'post_collection') }} as feed
where {{ clean_key('feed.id') }} is not null and {{ ingested_until('feed.updated_at') }}
{{ keep_latest('id', 'updated_at', ties=['name', 'is_enabled']) }}
