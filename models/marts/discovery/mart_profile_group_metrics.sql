{{ config(order_by='group_key', tags=['core']) }}

-- Grain: one row per group_key. Peer groups of at least 100 profiles, of both platforms, with and without category.
with instagram_groups as (
    {{ measure_peer_groups('INSTAGRAM', 'mart_instagram_account_base') | indent }}
),

youtube_groups as (
    {{ measure_peer_groups('YOUTUBE', 'mart_youtube_account_base') | indent }}
),

groups as (
    select * from instagram_groups
    union all
    select * from youtube_groups
)

select
    group_key,
    platform,
    group_kind,
    country,
    category,
    follower_group,
    profiles,
    p40,
    p60,
    p75,
    p90,
    mean,
    measured_profiles,
    engagement_bin_metric,
    engagement_bin_start,
    engagement_bin_end,
    engagement_bin_height
from groups
