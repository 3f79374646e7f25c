{{ config(order_by=['priority', 'next_attempt', 'channel_id'], tags=['account_tracker_stats']) }}

-- Grain: one row per channel_id: which channels to crawl, why, and when next for the channel and for its videos.
with accounts as (
    select channel_id, followers
    from {{ ref('mart_youtube_account') }}
),

tracked_members as (
    {{ select_list_members('YOUTUBE', var('account_tracking_source')) | indent }}
),

customer_members as (
    {{ select_list_members('YOUTUBE', var('customer_list_source')) | indent }}
),

claims as (
    select account_id as channel_id, 'account_tracking' as reason
    from tracked_members
    union all
    select account_id as channel_id, 'customer_list' as reason
    from customer_members
    union all
    select channel_id, 'leaderboard' as reason
    from accounts
    where channel_id in ({{ select_ranked_accounts('YOUTUBE') | indent }})
    union all
    select channel_id, 'followers' as reason
    from accounts
    where followers > {{ var('tracked_subscribers') }}
    union all
    select channel_id, 'rest' as reason
    from accounts
),

-- The strongest claim: least priority, then the shortest cool-down.
tracked as (
    select
        assumeNotNull(claims.channel_id) as channel_id,
        claims.reason as reason,
        toUInt8(rule.priority) as priority,
        toUInt16(rule.cool_down_days) as cool_down_days
    from claims
    inner join {{ ref('tracking_rule') }} as rule on claims.reason = rule.reason
    where claims.channel_id is not null and rule.platform = 'YOUTUBE'
    order by channel_id, priority, cool_down_days, reason
    limit 1 by channel_id
),

attempts as (
    {{ select_scrape_attempts('refresh_yt_profiles', 'channel_ids') | indent }}
),

video_attempts as (
    {{ select_scrape_attempts('refresh_yt_posts_by_playlist_id', 'channel_id') | indent }}
)

select
    tracked.channel_id as channel_id,
    tracked.reason as reason,
    tracked.priority as priority,
    tracked.cool_down_days as cool_down_days,
    toUInt32(coalesce(attempts.errors_since_success, 0)) as errors_since_success,
    toUInt32(coalesce(video_attempts.errors_since_success, 0)) as videos_errors_since_success,
    attempts.last_attempt_at as last_attempt_at,
    attempts.last_success_at as last_success_at,
    {{ quarantined_until('attempts') }} as quarantined_until,
    {{ next_attempt('attempts', 'tracked.cool_down_days') }} as next_attempt,
    video_attempts.last_attempt_at as last_videos_attempt_at,
    video_attempts.last_success_at as last_videos_success_at,
    {{ quarantined_until('video_attempts') }} as videos_quarantined_until,
    {{ next_attempt('video_attempts', 'tracked.cool_down_days') }} as next_videos_attempt
from tracked
left join attempts on tracked.channel_id = attempts.entity
left join video_attempts on tracked.channel_id = video_attempts.entity
