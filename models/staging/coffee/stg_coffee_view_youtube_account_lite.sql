{{ config(materialized='view', tags=['hourly']) }}

-- Grain: one row per id: which YouTube channel a product account stands for.
select
    feed.id,
    {{ clean_id('feed.channel_id', 'channel') }} as channel_id,
    feed.created_at,
    feed.updated_at
from {{ source('coffee_replica', 'view_youtube_account_lite') }} as feed
{{ keep_latest('id', 'updated_at', ties=['channel_id']) }}
