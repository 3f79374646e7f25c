{{ config(order_by='profile_id', tags=['core'], access='private') }}

-- Grain: one row per profile_id. Attributes by precedence and metrics, ungraded.
with attributes as (
    {{ resolve_instagram_attributes() | indent }}
),

metrics as (
    {{ measure_instagram_accounts() | indent }}
),

listed as (
    {{ select_listed_accounts('INSTAGRAM') | indent }}
),

accounts as (
    select *, toBool(profile_id in (select listed.profile_id from listed)) as is_collection_profile
    from attributes
    inner join metrics on attributes.profile_id = metrics.measured_id
)

select
    profile_id,
    linked_channel_id,
    {{ peer_group_key('INSTAGRAM', with_category=true) }} as primary_group,
    {{ peer_group_key('INSTAGRAM', with_category=false) }} as secondary_group,
    handle,
    name,
    biography,
    {%- for attribute in ['category', 'language', 'country', 'city', 'state', 'gender', 'profile_pic_url'] %}
    {{ attribute }},
    {{ attribute }}_source,
    {%- endfor %}
    profile_type,
    account_type,
    {{ follower_group('followers') }} as follower_group,
    {{ creator_tier('followers') }} as creator_tier,
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
    {%- for metric in list_graded_metrics('INSTAGRAM') %}
    {{ metric }},
    {%- endfor %}
    is_private,
    is_verified,
    is_business_or_creator,
    is_collection_profile,
    has_email,
    has_phone,
    created_at,
    updated_at,
    summarised_at
from accounts
