{{ config(materialized='view', tags=['hourly']) }}

-- Grain: one row per id: which Instagram profile a product account stands for.
select
    feed.id,
    {{ clean_id('feed.ig_id', 'profile') }} as profile_id,
    {{ clean_handle('feed.handle') }} as handle,
    feed.created_at,
    feed.updated_at
from {{ source('coffee_replica', 'view_instagram_account_lite') }} as feed
{{ keep_latest('id', 'updated_at', ties=['profile_id']) }}
