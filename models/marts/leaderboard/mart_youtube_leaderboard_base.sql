{{
    config(
        materialized='incremental',
        incremental_strategy='insert_overwrite',
        order_by=['month', 'channel_id'],
        partition_by='toYYYYMM(month)',
        access='private',
        tags=['daily'],
    )
}}
-- Grain: one row per month and channel_id.
with levels as (
    select
        month,
        channel_id,
        source,
        raw.followers as seen_followers,
        -- A channel that hides its subscribers, or whose count was not seen, stands with its last known level.
        anyLast(raw.followers) over (partition by channel_id order by month) as followers,
        views_total,
        uploads_total
    from {{ ref('mart_youtube_leaderboard_base_raw') }} as raw
    where month <= {{ month_start(as_of()) }}
),

posts as (
    select
        date as month,
        platform_id as channel_id,
        uploads,
        views,
        likes,
        comments,
        engagement,
        rated_posts,
        rated_engagement,
        watched_engagement,
        watched_views
    from {{ ref_latest('mart_youtube_account_monthly') }}
),

series as (
    select
        own.month as month,
        own.channel_id as channel_id,
        own.source as source,
        own.followers as followers,
        own.seen_followers - previous.seen_followers as followers_change,
        own.views_total as views_total,
        {{ clean_count('own.views_total - previous.views_total') }} as views_total_change,
        own.uploads_total as uploads_total,
        {{ clean_count('own.uploads_total - previous.uploads_total') }} as uploads_total_change,
        posts.uploads as uploads,
        posts.views as views,
        posts.likes as likes,
        posts.comments as comments,
        posts.engagement as engagement,
        posts.rated_posts as rated_posts,
        posts.rated_engagement as rated_engagement,
        posts.watched_engagement as watched_engagement,
        posts.watched_views as watched_views,
        -- like the rank by followers, over the level that the channel stands with
        {{ divide('posts.rated_engagement', 'posts.rated_posts * own.followers') }} as engagement_ratio,
        {{ divide('posts.watched_engagement', 'posts.watched_views') }} as engagement_by_views_ratio
    from levels as own
    left join levels as previous on own.channel_id = previous.channel_id and own.month = addMonths(previous.month, 1)
    left join posts on own.channel_id = posts.channel_id and own.month = posts.month
    where {{ is_month_to_build('own.month') }}
),

accounts as (
    select
        channel_id,
        custom_url as handle,
        title as name,
        category,
        language,
        country,
        profile_type
    from {{ ref('mart_youtube_account') }}
),

hiding as (
    select channel_id, is_subscriber_count_hidden as hides_followers
    from {{ ref('mart_youtube_account') }}
),

attributes as (
    {{ select_attributes_of_month('channel_id') | indent(4) }}
)

select
    month,
    channel_id,
    handle,
    name,
    category,
    language,
    country,
    profile_type,
    {{ month_state('month') }} as month_state,
    source,
    followers,
    followers_change,
    views_total,
    views_total_change,
    views,
    likes,
    comments,
    engagement,
    uploads_total,
    uploads_total_change,
    uploads,
    rated_posts,
    rated_engagement,
    watched_engagement,
    watched_views,
    engagement_ratio,
    engagement_by_views_ratio,
    toBool(coalesce(
        coalesce(handle, name) is not null
        -- A channel whose subscribers nobody ever stated stands by the views of its videos; one that hides them not.
        and (
            followers >= 1 and (views > 0 or views_total_change > 0)
            or followers is null and views > 0 and not coalesce(hides_followers, false)
        )
        and {{ is_in_market('country') }},
        false
    )) as is_eligible,
    toDateTime({{ as_of() }}, 'UTC') as computed_as_of
from series
inner join attributes using (month, channel_id)
left join hiding using (channel_id)
