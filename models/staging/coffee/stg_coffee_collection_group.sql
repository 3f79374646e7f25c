{{ config(materialized='view', tags=['collections']) }}

-- Grain: one row per id.
select
    feed.id,
    {{ clean_key('feed.share_id') }} as share_id,
    feed.partner_id,
    {{ clean_text('feed.source_id') }} as source_id,
    {{ clean_text('feed.name') }} as name,
    {{ clean_text('feed.source') }} as source,
    {{ clean_text('feed.objective') }} as objective,
    {{ clean_text(mend_json("coalesce(feed.disabled_metrics, '')")) }} as disabled_metrics,
    {{ clean_text('feed.metadata') }} as metadata,
    {{ clean_text('feed.created_by') }} as created_by,
    arrayDistinct(
        arrayFilter(id -> id != '', arrayMap(id -> coalesce({{ clean_key('id') }}, ''), feed.collection_ids))
    ) as collection_ids,
    feed.enabled as is_enabled,
    {{ created_at('feed') }} as created_at,
    feed.updated_at
from {{ source('coffee_replica', 'collection_group') }} as feed
where {{ ingested_until('feed.updated_at') }}
{{ keep_latest('id', 'updated_at', ties=['name', 'is_enabled']) }}
