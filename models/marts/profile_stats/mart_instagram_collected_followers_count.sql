{{ config(order_by='profile_id', tags=['daily']) }}

-- Grain: one row per profile_id: how much of a profile's followers has been collected. A follower counts as collected
-- with handle and full name, which the fake analysis needs.
with edges as (
    select
        edge.target_profile_id as profile_id,
        edge.source_handle as follower_handle,
        edge.source_full_name as follower_name,
        edge.seen_at as seen_at
    from {{ ref_latest('stg_beat_profile_relationship_log', 'edge') }}
    where edge.platform = 'INSTAGRAM' and edge.relationship_type = 'follower'
),

collected as (
    select
        profile_id,
        count() as seen_followers,
        uniqExactIf(follower_handle, follower_handle is not null and follower_name is not null) as collected_followers,
        max(seen_at) as last_seen_at
    from edges
    group by profile_id
),

accounts as (
    select account.profile_id as profile_id, account.handle as handle, account.followers as followers
    from {{ ref_latest('stg_beat_instagram_account', 'account') }}
)

select
    collected.profile_id as profile_id,
    accounts.handle as handle,
    accounts.followers as followers,
    collected.seen_followers as seen_followers,
    collected.collected_followers as collected_followers,
    {{ divide('100 * collected.collected_followers', 'accounts.followers') }} as coverage_pct,
    collected.last_seen_at as last_seen_at
from collected
left join accounts on collected.profile_id = accounts.profile_id
