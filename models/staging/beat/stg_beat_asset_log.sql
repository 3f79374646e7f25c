{{
    config(
        materialized='incremental',
        engine='ReplacingMergeTree(_version)',
        order_by=['platform', 'entity_type', 'entity_id'],
        sharding_key='cityHash64(entity_id)',
        unique_key=['platform', 'entity_type', 'entity_id'],
        projections=[project_newest('updated_at')],
        settings=merges_projections(),
        tags=['core'],
    )
}}

-- Grain: one row per platform, entity_type, entity_id for readers (ref_latest): the file stored last.
select
    assumeNotNull(upper({{ clean_key('feed.platform') }})) as platform,
    assumeNotNull(upper({{ clean_key('feed.entity_type') }})) as entity_type,
    assumeNotNull({{ clean_key('feed.entity_id') }}) as entity_id,
    feed.id as asset_row_id,
    upper({{ clean_text('feed.asset_type') }}) as asset_type,
    {{ clean_text('feed.asset_url') }} as asset_url,
    {{ clean_text('feed.original_url') }} as original_url,
    {{ clean_time('feed.created_at') }} as created_at,
    {{ version_at('feed') }} as updated_at,
    {{ delivery_order(version_at('feed'), 'feed.id', 'feed.*') }} as _version
from {{ source('beat_replica', 'asset_log') }} as feed
where
    {{ clean_key('feed.platform') }} is not null
    and {{ clean_key('feed.entity_type') }} is not null
    and {{ clean_key('feed.entity_id') }} is not null
    and {{ ingested_since(version_at('feed'), 'updated_at') }}
{{ keep_latest(['platform', 'entity_type', 'entity_id'], '_version') }}
