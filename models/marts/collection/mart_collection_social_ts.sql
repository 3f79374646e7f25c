{{ config(materialized='view', tags=['collections']) }}

-- Grain: one row per collection_id, collection_type, platform, date.
select
    collection_id,
    collection_type,
    platform,
    count() as posts,
    {{ sum_counts('series.likes') }} as likes,
    {{ sum_counts('series.comments') }} as comments,
    {{ sum_counts('series.engagement') }} as engagement,
    {{ sum_counts('series.plays') }} as plays,
    {{ sum_counts('series.views') }} as views,
    sum(series.reach) as reach,
    sum(series.impressions) as impressions,
    sum(series.clicks) as clicks,
    countIf(series.is_imputed) as imputed_posts,
    date
from {{ ref('mart_collection_post_ts') }} as series
group by collection_id, collection_type, platform, date
