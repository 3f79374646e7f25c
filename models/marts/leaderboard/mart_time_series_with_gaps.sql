{{ config(materialized='view', tags=['daily']) }}
-- Grain: one row per platform, platform_id, monthly_stats and date, without holes between an account's first and last.
with series as (
    select
        platform,
        platform_id,
        monthly_stats,
        date,
        followers,
        followers_change,
        views,
        uploads,
        plays,
        likes,
        comments,
        engagement,
        -- NULL where the join finds nothing, also for readers without join_use_nulls: a view does not keep it
        toNullable(crosses_definition_change) as crosses_definition_change,
        toNullable(last_event_at) as last_event_at
    from {{ ref_latest('mart_time_series') }}
),

spans as (
    select
        platform,
        platform_id,
        monthly_stats,
        min(date) as first_date,
        max(date) as last_date
    from series
    group by platform, platform_id, monthly_stats
),

spine as (
    select
        platform,
        platform_id,
        monthly_stats,
        arrayJoin(if(
            monthly_stats,
            arrayMap(i -> addMonths(first_date, i), range(toUInt32(dateDiff('month', first_date, last_date) + 1))),
            arrayMap(i -> addDays(first_date, 7 * i), range(toUInt32(dateDiff('day', first_date, last_date) / 7 + 1)))
        )) as date
    from spans
)

select
    platform,
    platform_id,
    monthly_stats,
    date,
    followers,
    followers_change,
    views,
    uploads,
    plays,
    likes,
    comments,
    engagement,
    crosses_definition_change,
    {{ sum_counts('views', over='running') }} as views_to_date,
    {{ sum_counts('uploads', over='running') }} as uploads_to_date,
    {{ sum_counts('plays', over='running') }} as plays_to_date,
    {{ sum_counts('likes', over='running') }} as likes_to_date,
    {{ sum_counts('comments', over='running') }} as comments_to_date,
    {{ sum_counts('engagement', over='running') }} as engagement_to_date,
    toBool(last_event_at is null) as is_gap,
    max(if(last_event_at is null, null, date)) over running as last_seen_date
from spine
left join series using (platform, platform_id, monthly_stats, date)
window running as (
    partition by platform, platform_id, monthly_stats
    order by date
    rows between unbounded preceding and current row
)
