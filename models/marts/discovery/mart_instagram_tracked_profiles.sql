{{ config(order_by=['priority', 'next_attempt', 'handle'], tags=['account_tracker_stats']) }}

-- Grain: one row per handle: which Instagram profiles to crawl, why, and when next.
with accounts as (
    select profile_id, handle, country, followers
    from {{ ref('mart_instagram_account') }}
),

handle_owners as (
    {{ select_handle_owners() | indent }}
),

tracked_members as (
    {{ select_list_members('INSTAGRAM', var('account_tracking_source')) | indent }}
),

customer_members as (
    {{ select_list_members('INSTAGRAM', var('customer_list_source')) | indent }}
),

claims as (
    select {{ clean_handle('handle') }} as handle, 'app_sign_up' as reason
    from {{ source('identity_replica', 'social_account') }}
    where
        upper({{ clean_text('platform') }}) = 'INSTAGRAM'
        and created_on between {{ as_of() }} - interval {{ var('new_account_days') }} day and {{ as_of() }}
    union all
    select coalesce(accounts.handle, member.handle) as handle, 'account_tracking' as reason
    from tracked_members as member
    left join accounts on member.account_id = accounts.profile_id
    union all
    select coalesce(accounts.handle, member.handle) as handle, 'customer_list' as reason
    from customer_members as member
    left join accounts on member.account_id = accounts.profile_id
    where member.touched_at >= {{ as_of() }} - interval {{ var('touched_list_days') }} day
    union all
    select coalesce(accounts.handle, product.handle) as handle, 'campaign' as reason
    from {{ ref('stg_coffee_campaign_profiles') }} as taker
    inner join {{ ref('stg_coffee_view_instagram_account_lite') }} as product on taker.platform_account_id = product.id
    left join accounts on product.profile_id = accounts.profile_id
    where taker.platform = 'INSTAGRAM' and taker.is_enabled
    union all
    select handle, 'leaderboard' as reason
    from accounts
    where profile_id in ({{ select_ranked_accounts('INSTAGRAM') | indent }})
    union all
    select handle, 'home_country' as reason
    from accounts
    where country in ('{{ var("home_countries") | join("', '") }}')
    union all
    select handle, 'followers' as reason
    from accounts
    where followers > {{ var('tracked_followers') }}
    union all
    select handle, 'rest' as reason
    from accounts
),

-- The strongest claim: least priority, then the shortest cool-down.
tracked as (
    select
        assumeNotNull(claims.handle) as handle,
        claims.reason as reason,
        toUInt8(rule.priority) as priority,
        toUInt16(rule.cool_down_days) as cool_down_days
    from claims
    inner join {{ ref('tracking_rule') }} as rule on claims.reason = rule.reason
    where claims.handle is not null and rule.platform = 'INSTAGRAM'
    order by handle, priority, cool_down_days, reason
    limit 1 by handle
),

attempts as (
    {{ select_scrape_attempts('refresh_profile_by_handle', 'handle') | indent }}
)

select
    tracked.handle as handle,
    handle_owners.profile_id as profile_id,
    tracked.reason as reason,
    tracked.priority as priority,
    tracked.cool_down_days as cool_down_days,
    toUInt32(coalesce(attempts.errors_since_success, 0)) as errors_since_success,
    attempts.last_attempt_at as last_attempt_at,
    attempts.last_success_at as last_success_at,
    {{ quarantined_until('attempts') }} as quarantined_until,
    {{ next_attempt('attempts', 'tracked.cool_down_days') }} as next_attempt
from tracked
left join handle_owners on tracked.handle = handle_owners.handle
left join attempts on tracked.handle = attempts.entity
