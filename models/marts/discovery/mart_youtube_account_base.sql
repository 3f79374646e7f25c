{{ config(order_by='channel_id', tags=['core'], access='private') }}

-- Grain: one row per channel_id. Attributes by precedence and metrics, ungraded.
with attributes as (
    select * from {{ ref('int_youtube_account_attributes') }}
),

activity as (
    select
        channel_id as active_id,
        summarised_posts,
        avg_recent_views,
        video_avg_views,
        video_avg_likes,
        video_avg_comments,
        short_avg_views,
        short_avg_likes,
        short_avg_comments,
        engagement_by_views_ratio,
        comments_by_views_pct,
        likes_to_comment_ratio,
        first_posted_on,
        dated_posts
    from {{ ref('mart_youtube_account_activity') }}
),

growth as (
    select
        channel_id as growing_id,
        views_growth_7d,
        views_growth_30d,
        views_growth_365d,
        uploads_growth_7d,
        uploads_growth_30d,
        uploads_growth_365d,
        followers_growth_7d,
        followers_growth_30d,
        followers_growth_365d,
        followers_growth_30d_pct
    from {{ ref('mart_youtube_growth') }}
),

listed as (
    {{ select_listed_accounts('YOUTUBE') | indent }}
),

accounts as (
    select
        *,
        coalesce(summarised_posts, 0) as recent_posts,
        {{ divide('views', 'uploads') }} as avg_views,
        {{ posts_per_week('dated_posts', 'first_posted_on', 'created_at') | indent(8) }}
            as avg_posts_per_week,
        {{ divide('avg_recent_views', 'followers') }} as views_followers_ratio,
        toBool(channel_id in (select listed.channel_id from listed)) as is_collection_profile
    from attributes
    left join growth on attributes.channel_id = growth.growing_id
    left join activity on attributes.channel_id = activity.active_id
)

select
    channel_id,
    {{ peer_group_key('YOUTUBE', with_category=true) }} as primary_group,
    {{ peer_group_key('YOUTUBE', with_category=false) }} as secondary_group,
    title,
    username,
    custom_url,
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
    {{ follower_group('followers') }} as follower_group,
    {{ creator_tier('followers') }} as creator_tier,
    profile_pic_url,
    followers,
    uploads,
    views,
    shorts,
    uploads_growth_7d,
    uploads_growth_365d,
    recent_posts,
    {%- for metric in list_graded_metrics('YOUTUBE') %}
    {{ metric }},
    {%- endfor %}
    is_verified,
    is_subscriber_count_hidden,
    is_collection_profile,
    has_email,
    has_phone,
    published_at,
    created_at,
    updated_at
from accounts
