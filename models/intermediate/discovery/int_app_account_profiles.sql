-- Grain: one row per platform and platform_id. The creator app's account behind a profile or channel, so that what
-- one profile did counts for one account: that of its campaign profile (an id), else the one that a user linked by
-- handle, the newest link of several.
with instagram_owners as (
    {{ select_handle_owners() | indent }}
),

channel_owners as (
    select channel.custom_url as handle, channel.channel_id as channel_id
    from {{ ref_latest('stg_beat_youtube_account', 'channel') }}
    where channel.custom_url is not null
    {{ keep_latest('handle', 'channel.updated_at', ties=['channel_id']) }}
),

linked_by_user as (
    select
        link.account_id as account_id,
        upper({{ clean_text('link.platform') }}) as platform,
        {{ clean_handle('link.handle') }} as handle,
        link.created_on as linked_at
    from {{ source('identity_replica', 'social_account') }} as link
    where {{ ingested_until('link.created_on') }}
),

claims as (
    select
        campaign.app_account_id as account_id,
        campaign.platform as platform,
        coalesce(profile.profile_id, channel.channel_id) as platform_id,
        2 as certainty,
        toDateTime64(campaign.updated_at, 6, 'UTC') as claimed_at
    from {{ ref('stg_coffee_campaign_profiles') }} as campaign
    left join {{ ref('stg_coffee_view_instagram_account_lite') }} as profile
    on campaign.platform_account_id = profile.id and campaign.platform = 'INSTAGRAM'
    left join {{ ref('stg_coffee_view_youtube_account_lite') }} as channel
    on campaign.platform_account_id = channel.id and campaign.platform = 'YOUTUBE'
    where campaign.is_enabled
    union all
    select
        linked_by_user.account_id, linked_by_user.platform,
        coalesce(instagram_owners.profile_id, channel_owners.channel_id) as platform_id,
        1 as certainty,
        toDateTime64(linked_by_user.linked_at, 6, 'UTC') as claimed_at
    from linked_by_user
    left join instagram_owners
    on linked_by_user.handle = instagram_owners.handle and linked_by_user.platform = 'INSTAGRAM'
    left join channel_owners
    on linked_by_user.handle = channel_owners.handle and linked_by_user.platform = 'YOUTUBE'
)

select
    assumeNotNull(claims.account_id) as account_id,
    assumeNotNull(claims.platform) as platform,
    assumeNotNull(claims.platform_id) as platform_id,
    claims.certainty as certainty,
    claims.claimed_at as claimed_at
from claims
where claims.account_id > 0 and claims.platform in ('INSTAGRAM', 'YOUTUBE') and claims.platform_id is not null
{{ keep_latest(['platform', 'platform_id'], 'certainty', ties=['claimed_at', 'account_id']) }}
