{{ config(materialized='view', tags=['hourly']) }}

-- Grain: one row per id.
select
    feed.id,
    feed.platform_account_id,
    feed.gcc_user_account_id as app_account_id,
    {{ known_value('upper(' ~ clean_text('feed.platform') ~ ')', ['INSTAGRAM', 'YOUTUBE']) }} as platform,
    {{ clean_text('feed.updated_by') }} as updated_by,
    feed.on_gcc as is_on_app,
    feed.on_gcc_app as is_app_user,
    feed.enabled as is_enabled,
    {{ created_at('feed') }} as created_at,
    feed.updated_at
from {{ source('coffee_replica', 'view_campaign_profile_lite') }} as feed
where {{ ingested_until('feed.updated_at') }}
{{ keep_latest('id', 'updated_at', ties=['is_enabled', 'platform_account_id']) }}
