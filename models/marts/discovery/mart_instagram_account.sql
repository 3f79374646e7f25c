{{ config(order_by='profile_id', tags=['core']) }}

-- Grain: one row per profile_id: the base with ranks, and with grades against the peer group (the one with category
-- where it is large enough, else the one without).
with accounts as (
    select * from {{ ref('mart_instagram_account_base') }}
),

peer_groups as (
    {{ select_peer_groups('INSTAGRAM') | indent }}
),

ranks as (
    {{ rank_accounts('accounts', 'profile_id', 'plays_30d') | indent }}
),

grouped as (
    select
        *,
        multiIf(
            primary_group in (select peer_groups.peer_group_key from peer_groups), primary_group,
            secondary_group in (select peer_groups.peer_group_key from peer_groups), secondary_group,
            null
        ) as group_key
    from accounts
)

select
    profile_id,
    linked_channel_id,
    primary_group,
    secondary_group,
    group_key,
    handle,
    name,
    biography,
    category,
    category_source,
    language,
    language_source,
    country,
    country_source,
    city,
    city_source,
    state,
    state_source,
    gender,
    gender_source,
    profile_pic_url,
    profile_pic_url_source,
    profile_type,
    account_type,
    follower_group,
    creator_tier,
    audience_quality_grade,
    followers,
    following,
    total_posts,
    recent_posts,
    followers_growth_7d,
    followers_growth_30d,
    followers_growth_90d,
    followers_growth_365d,
    uploads_30d,
    likes_30d,
    comments_30d,
    reach_30d,
    impressions_30d,
    avg_reels_plays_30d,
    followers_rank_by_country,
    followers_rank_by_country_category,
    followers_rank_by_category,
    followers_rank_by_language,
    {%- for metric in list_graded_metrics('INSTAGRAM') %}
    {{ metric }},
    {{ grade_against_peers(metric) | indent }} as {{ metric }}_grade,
    {{ peer_average(metric) }} as {{ metric }}_group_avg,
    {%- endfor %}
    audience_sample_size,
    audience_reachability_pct,
    audience_authenticity_pct,
    audience_quality_score,
    is_private,
    is_verified,
    is_business_or_creator,
    is_collection_profile,
    has_email,
    has_phone,
    created_at,
    updated_at,
    summarised_at
from grouped
left join ranks on grouped.profile_id = ranks.ranked_id
left join peer_groups on grouped.group_key = peer_groups.peer_group_key
