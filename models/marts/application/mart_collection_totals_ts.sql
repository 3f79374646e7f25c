{{
    config(
        order_by=['collection_id', 'collection_type', 'platform', 'date'],
        group='collection',
        access='public',
        tags=['collections'],
    )
}}

-- Grain: one row per collection_id, collection_type, platform, date: the totals of mart_collection_social_ts, under the
-- id of the shared link.
with totals as (
    select * from {{ ref('mart_collection_social_ts') }}
),

lists as (
    select collection_id, collection_type, share_id
    from {{ ref('mart_collection') }}
)

select
    totals.collection_id as collection_id,
    totals.collection_type as collection_type,
    totals.platform as platform,
    lists.share_id as share_id,
    toInt64(totals.posts) as posts,
    totals.likes as likes,
    totals.comments as comments,
    totals.engagement as engagement,
    totals.plays as plays,
    totals.views as views,
    totals.reach as reach,
    totals.impressions as impressions,
    totals.clicks as clicks,
    toInt64(totals.imputed_posts) as imputed_posts,
    totals.date as date
from totals
left join lists on totals.collection_id = lists.collection_id and totals.collection_type = lists.collection_type
