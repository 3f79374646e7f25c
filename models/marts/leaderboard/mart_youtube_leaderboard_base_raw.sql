{{ config(materialized='view', access='private', tags=['daily']) }}
-- Grain: one row per month and channel_id, of the source with the best precedence.
with live as (
    select
        date as month,
        platform_id as channel_id,
        'LIVE' as source,
        1 as precedence,
        followers,
        views_total,
        uploads_total
    from {{ ref_latest('mart_youtube_account_monthly') }}
    where coalesce(followers, views_total, uploads_total) is not null
),

legacy as (
    select
        replaceRegexpOne(trimBoth(month), '^([0-9]{4})-?([0-9]{2}).*$', '\\1-\\2-01') as month_text,
        coalesce({{ clean_key('id') }}, '') as channel_id,
        'LEGACY' as source,
        2 as precedence,
        {{ clean_count('lifetime_subscribers') }} as followers,
        {{ clean_count('lifetime_views') }} as views_total,
        {{ clean_count('lifetime_uploads') }} as uploads_total
    from {{ source('vendor', 'channels_monthly_stats') }}
    where
        channel_id != ''
        and {{ names_a_month('month') }}
        and coalesce(followers, views_total, uploads_total) is not null
),

levelled as (
    select channel_id from live
    union distinct
    select channel_id from legacy
),

-- A channel that nobody ever read, whose videos alone are known, as from a list of videos.
watched as (
    select
        date as month,
        platform_id as channel_id,
        'LIVE' as source,
        1 as precedence,
        followers,
        views_total,
        uploads_total
    from {{ ref_latest('mart_youtube_account_monthly') }}
    where uploads > 0 and platform_id not in (select levelled.channel_id from levelled)
),

candidates as (
    select
        month,
        channel_id,
        source,
        precedence,
        followers,
        views_total,
        uploads_total
    from live
    union all
    select
        month,
        channel_id,
        source,
        precedence,
        followers,
        views_total,
        uploads_total
    from watched
    union all
    select
        -- A reader's condition on the month may be tried on rows that the condition above leaves out.
        toDateOrZero(month_text) as month,
        channel_id,
        source,
        precedence,
        followers,
        views_total,
        uploads_total
    from legacy
)

select
    month,
    channel_id,
    source,
    followers,
    views_total,
    uploads_total
from candidates
-- two dumps can hold one month: lifetime counters grow, so the greater is the later
order by
    month asc,
    channel_id asc,
    precedence asc,
    views_total desc nulls last,
    followers desc nulls last,
    uploads_total desc nulls last
limit 1 by month, channel_id
