{{ config(order_by=['channel_id', 'profile_id'], tags=['core']) }}

-- Grain: one row per channel_id, and profile_id is unique too. A pair said by hand beats one that the channel declares,
-- and that one beats the vendor's; then each profile takes its channel with most subscribers, and each channel its
-- profile with most followers.
with profiles as (
    select profile_id, handle, followers
    from {{ ref_latest('stg_beat_instagram_account') }}
    where handle is not null and followers > 0
),

handle_owners as (
    {{ select_handle_owners() | indent }}
),

channels as (
    select channel_id, title, followers
    from {{ ref('mart_youtube_account_base') }}
    where title is not null and followers > 0
),

declared_handles as (
    select
        channel_id,
        lower(extract(coalesce(external_urls, ''), 'instagram\\.com/@?([A-Za-z0-9._]+)')) as instagram_handle
    from {{ ref_latest('stg_beat_youtube_account') }}
    where external_urls is not null
),

claims as (
    select
        tag.profile_key as channel_id,
        owner.profile_id as profile_id,
        'manual' as link_source,
        3 as strength
    from {{ ref('mart_manual_profile_data') }} as tag
    inner join handle_owners as owner on tag.linked_instagram_handle = owner.handle
    where tag.platform = 'YOUTUBE'
    union all
    select
        account.channel_id as channel_id,
        owner.profile_id as profile_id,
        'declared' as link_source,
        2 as strength
    from declared_handles as account
    inner join handle_owners as owner on account.instagram_handle = owner.handle
    union all
    select
        coalesce({{ clean_key('vendor_link.youtube_userid') }}, '') as channel_id,
        coalesce({{ clean_key('vendor_link.instagram_userid') }}, '') as profile_id,
        'vendor' as link_source,
        1 as strength
    from {{ source('vendor', 'social_profiles') }} as vendor_link
),

pairs as (
    select
        claims.channel_id as channel_id,
        claims.profile_id as profile_id,
        claims.link_source as link_source,
        claims.strength as strength,
        channels.title as channel_title,
        channels.followers as channel_followers,
        profiles.handle as profile_handle,
        profiles.followers as profile_followers
    from claims
    inner join channels on claims.channel_id = channels.channel_id
    inner join profiles on claims.profile_id = profiles.profile_id
),

channel_of_profile as (
    select *
    from pairs
    order by profile_id, strength desc, channel_followers desc, channel_id asc
    limit 1 by profile_id
)

select
    channel_id,
    profile_id,
    channel_title,
    profile_handle,
    link_source,
    channel_followers,
    profile_followers
from channel_of_profile
order by channel_id, strength desc, profile_followers desc, profile_id asc
limit 1 by channel_id
