{{ config(order_by='id', tags=['collections']) }}

-- Grain: one row per id.
select
    feed.id,
    {{ clean_key('feed.share_id') }} as share_id,
    feed.partner_id,
    feed.campaign_id,
    feed.job_id,
    {{ clean_text('feed.source_id') }} as source_id,
    {{ clean_text('feed.name') }} as name,
    {{ clean_text('feed.description') }} as description,
    {{ clean_text('feed.source') }} as source,
    {{ clean_text('feed.campaign_platform') }} as campaign_platform,
    {{ clean_text('feed.category_ids') }} as category_ids,
    {{ clean_text('feed.category') }} as category,
    {{ clean_text('feed.custom_columns') }} as custom_columns,
    {{ clean_text('feed.ordered_columns') }} as ordered_columns,
    {{ clean_text(mend_json("coalesce(feed.disabled_metrics, '')")) }} as disabled_metrics,
    {{ clean_text('feed.created_by') }} as created_by,
    {{ clean_texts('feed.categories') }} as categories,
    {{ clean_texts('feed.tags') }} as tags,
    feed.enabled as is_enabled,
    feed.featured as is_featured,
    feed.analytics_enabled as is_analytics_enabled,
    feed.share_enabled as is_share_enabled,
    {{ created_at('feed') }} as created_at,
    feed.updated_at
from {{ source('coffee_replica', 'profile_collection') }} as feed
where {{ ingested_until('feed.updated_at') }}
{{ keep_latest('id', 'updated_at', ties=['name', 'is_enabled']) }}
