{{ config(order_by='profile_id', tags=['core'], access='private') }}

-- Grain: one row per profile_id. Attributes by precedence and metrics, ungraded.
with attributes as (
    select * from {{ ref('int_instagram_account_attributes') }}
),

metrics as (
    select * from {{ ref('int_instagram_account_metrics') }}
),

listed as (
    {{ select_listed_accounts('INSTAGRAM') | indent }}
),

-- Quality before the audience is merged: it never comes from elsewhere than the sample.
audiences as (
    select
        sampled.platform_id as sampled_id,
        sampled.quality_grade as audience_quality_grade,
        sampled.sample_size as audience_sample_size,
        sampled.reachability_pct as audience_reachability_pct,
        sampled.authenticity_pct as audience_authenticity_pct,
        sampled.quality_score as audience_quality_score
    from {{ ref('mart_audience_info_follower') }} as sampled
    where sampled.platform = 'INSTAGRAM'
),

accounts as (
    select *, toBool(profile_id in (select listed.profile_id from listed)) as is_collection_profile
    from attributes
    inner join metrics on attributes.profile_id = metrics.measured_id
    left join audiences on attributes.profile_id = audiences.sampled_id
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
    {%- for metric in list_graded_metrics('INSTAGRAM') %}
    {{ metric }},
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
from accounts
