{{ config(order_by='channel_id', tags=['core']) }}

-- Grain: one row per channel_id: the base with ranks, with grades against the peer group (the one with category where
-- it is large enough, else the one without), and with a quality score made of three of the grades.
with accounts as (
    select * from {{ ref('mart_youtube_account_base') }}
),

linked as (
    select channel_id as linked_id, profile_id as linked_profile_id, profile_handle as linked_handle
    from {{ ref('mart_linked_socials') }}
),

peer_groups as (
    {{ select_peer_groups('YOUTUBE') | indent }}
),

ranks as (
    {{ rank_accounts('accounts', 'channel_id', 'views_growth_30d') | indent }}
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
),

-- Half views, a quarter each growth and uploads; NULL when none of the three is graded. 19 makes the best score 95:
-- nobody is perfect.
rated as (
    select
        *,
        0.5 * {{ rate_against_peers('views_growth_30d') | indent }}
        + 0.25 * {{ rate_against_peers('followers_growth_30d') | indent }}
        + 0.25 * {{ rate_against_peers('uploads_growth_30d') | indent }} as rating
    from grouped
    left join peer_groups on grouped.group_key = peer_groups.peer_group_key
)

select
    channel_id,
    linked_profile_id,
    primary_group,
    secondary_group,
    group_key,
    title,
    username,
    custom_url,
    linked_handle,
    description,
    category,
    category_source,
    yt_category,
    language,
    language_source,
    country,
    country_source,
    city,
    state,
    gender,
    profile_type,
    follower_group,
    creator_tier,
    profile_pic_url,
    if(
        rating > 0,
        ['Poor', 'Average', 'Good', 'Very Good', 'Excellent'][toUInt8(greatest(floor(rating + 0.5), 1))],
        null
    ) as channel_quality_grade,
    followers,
    uploads,
    views,
    shorts,
    uploads_growth_7d,
    uploads_growth_365d,
    recent_posts,
    if(rating > 0, 19 * rating, null) as channel_quality_score,
    followers_rank_by_country,
    followers_rank_by_country_category,
    followers_rank_by_category,
    followers_rank_by_language,
    {%- for metric in list_graded_metrics('YOUTUBE') %}
    {{ metric }},
    {{ grade_against_peers(metric) | indent }} as {{ metric }}_grade,
    {{ peer_average(metric) }} as {{ metric }}_group_avg,
    {%- endfor %}
    is_verified,
    is_subscriber_count_hidden,
    is_collection_profile,
    has_email,
    has_phone,
    published_at,
    created_at,
    updated_at
from rated
left join linked on rated.channel_id = linked.linked_id
left join ranks on rated.channel_id = ranks.ranked_id
