{{ config(order_by='account_id', tags=['daily']) }}

-- Grain: one row per account_id of the creator app: who it is, what its survey says, what its campaigns brought and
-- cost, and who follows it. Everything is joined by id; a handle only says which profile a user linked.
with profiles as (
    select * from {{ ref('int_app_account_profiles') }}
),

deliverables as (
    {{ select_campaign_deliverables() | indent }}
),

campaign_profiles as (
    select id, app_account_id from {{ ref('stg_coffee_campaign_profiles') }} where app_account_id > 0
),

surveys as (
    {{ select_interest_surveys() | indent }}
),

links as (
    select
        link.account_id as account_id,
        {{ clean_handle('link.handle') }} as handle,
        upper({{ clean_text('link.platform') }}) as platform,
        {{ clean_time('link.created_on') }} as linked_at
    from {{ source('identity_replica', 'social_account') }} as link
    where link.account_id > 0 and {{ ingested_until('link.created_on') }}
),

accounts as (
    select account_id, min(linked_at) as joined_at
    from links
    group by account_id
),

shown_profiles as (
    select account_id, platform_id
    from profiles
    where platform = 'INSTAGRAM'
    {{ keep_latest('account_id', 'certainty', ties=['claimed_at', 'platform_id']) }}
),

shown_channels as (
    select account_id, platform_id
    from profiles
    where platform = 'YOUTUBE'
    {{ keep_latest('account_id', 'certainty', ties=['claimed_at', 'platform_id']) }}
),

survey_of_account as (
    select links.account_id as account_id, surveys.*
    from links
    inner join surveys on links.handle = surveys.survey_handle
    where links.platform = 'INSTAGRAM'
    {{ keep_latest('account_id', 'answers', ties=['survey_handle']) }}
),

interests as (
    select
        host.user_client_account_id as account_id,
        arraySort(arrayDistinct({{ clean_texts(
            "arrayMap(entry -> JSONExtractString(entry, 'name'), JSONExtractArrayRaw("
            ~ mend_json("coalesce(host.user_categories, '')") ~ '))'
        ) }})) as app_categories
    from {{ source('identity_replica', 'host_profile') }} as host
    {{ keep_latest('account_id', 'length(app_categories)', ties=['app_categories']) }}
),

-- A post is its author's; where nobody knows the author, the campaign profile's that the customer named.
delivered as (
    select
        coalesce(profiles.account_id, campaign_profiles.app_account_id) as account_id,
        deliverables.*
    from deliverables
    left join profiles
    on deliverables.platform = profiles.platform and deliverables.platform_id = profiles.platform_id
    left join campaign_profiles on deliverables.campaign_profile_id = campaign_profiles.id
),

performance as (
    {{ summarise_campaigns('delivered') | indent }}
)

select
    accounts.account_id as account_id,
    shown_profiles.platform_id as profile_id,
    shown_channels.platform_id as channel_id,
    instagram.handle as handle,
    instagram.name as name,
    instagram.category as category,
    instagram.language as language,
    instagram.country as country,
    instagram.city as city,
    instagram.gender as gender,
    instagram.creator_tier as creator_tier,
    {%- for word in list_survey_words() %}
    survey_of_account.survey_{{ word }} as survey_{{ word }},
    {%- endfor %}
    audience.quality_grade as audience_quality_grade,
    interests.app_categories as app_categories,
    {%- for list in list_survey_lists() %}
    survey_of_account.survey_{{ list }} as survey_{{ list }},
    {%- endfor %}
    instagram.followers as followers,
    instagram.avg_likes as avg_likes,
    instagram.avg_comments as avg_comments,
    instagram.avg_reach as avg_reach,
    instagram.reels_avg_plays as reels_avg_plays,
    instagram.engagement_ratio as engagement_ratio,
    channel.followers as subscribers,
    coalesce(performance.campaigns, 0) as campaigns,
    coalesce(performance.campaigns_with_clicks, 0) as campaigns_with_clicks,
    coalesce(performance.posts, 0) as posts,
    coalesce(performance.priced_posts, 0) as priced_posts,
    {%- for measure in ['cost', 'engagement', 'reach', 'impressions', 'views', 'clicks', 'orders'] %}
    performance.total_{{ measure }} as {{ measure }},
    {%- endfor %}
    {%- for ratio in ['cpm', 'cpv', 'cpc', 'cpo', 'cpr', 'cpe', 'click_through_ratio', 'clicks_by_reach_ratio',
        'clicks_per_order'] %}
    performance.{{ ratio }} as {{ ratio }},
    {%- endfor %}
    audience.male_ratio as audience_male_ratio,
    audience.female_ratio as audience_female_ratio,
    audience.quality_score as audience_quality_score,
    audience.age_group_ratios as audience_age_group_ratios,
    audience.city_ratios as audience_city_ratios,
    audience.country_ratios as audience_country_ratios,
    accounts.joined_at as joined_at
from accounts
left join shown_profiles on accounts.account_id = shown_profiles.account_id
left join shown_channels on accounts.account_id = shown_channels.account_id
left join survey_of_account on accounts.account_id = survey_of_account.account_id
left join interests on accounts.account_id = interests.account_id
left join performance on accounts.account_id = performance.account_id
left join {{ ref('mart_instagram_account') }} as instagram on shown_profiles.platform_id = instagram.profile_id
left join {{ ref('mart_youtube_account') }} as channel on shown_channels.platform_id = channel.channel_id
left join {{ ref('mart_audience_info') }} as audience
on shown_profiles.platform_id = audience.platform_id and audience.platform = 'INSTAGRAM'
