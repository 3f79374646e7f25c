{{ config(materialized='view', tags=['collections']) }}

-- Grain: one row per collection_id, collection_type, platform, date.
select
    collection_id,
    collection_type,
    platform,
    count() as posts,
    sum(series.likes) as likes,
    sum(series.comments) as comments,
    sum(series.engagement) as engagement,
    sum(series.plays) as plays,
    sum(series.views) as views,
    sum(series.reach) as reach,
    sum(series.impressions) as impressions,
    sum(series.clicks) as clicks,
    countIf(series.is_imputed) as imputed_posts,
    date
from {{ ref('mart_collection_post_ts') }} as series
group by collection_id, collection_type, platform, date
