{{ config(materialized='view', tags=['collections']) }}

-- Grain: one row per id.
select
    assumeNotNull({{ clean_key('feed.id') }}) as id,
    {{ clean_key('feed.share_id') }} as share_id,
    feed.partner_id,
    feed.job_id,
    {{ clean_text('feed.name') }} as name,
    {{ known_value('upper(' ~ clean_text('feed.platform') ~ ')', ['INSTAGRAM', 'YOUTUBE']) }} as platform,
    {{ clean_text('feed.report_bucket') }} as report_bucket,
    {{ clean_text('feed.report_path') }} as report_path,
    {{ clean_text('feed.demography_report_path') }} as demography_report_path,
    {{ clean_text('feed.created_by') }} as created_by,
    arrayDistinct(arrayMap(word -> lowerUTF8(word), {{ clean_texts('feed.keywords') }})) as keywords,
    coalesce(feed.enabled, true) as is_enabled,
    {{ clean_time('feed.start_time') }} as starts_at,
    {{ clean_time('feed.end_time') }} as ends_at,
    {{ created_at('feed') }} as created_at,
    feed.updated_at
from {{ source('coffee_replica', 'keyword_collection') }} as feed
where {{ clean_key('feed.id') }} is not null and {{ ingested_until('feed.updated_at') }}
{{ keep_latest('id', 'updated_at', ties=['is_enabled', 'name']) }}
