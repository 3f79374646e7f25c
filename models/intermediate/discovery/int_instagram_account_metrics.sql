-- Grain: one row per measured_id (a profile). Averages over the last 12 posts are trimmed where there are enough
-- posts, else plain; what windows of days say is made in mart_instagram_account_activity.
with accounts as (
    select profile_id, followers, following, media_count, created_at from {{ ref_latest('stg_beat_instagram_account') }}
),

summaries as (
    {{ select_newest_summaries() | indent }}
),

activity as (
    select * from {{ ref('mart_instagram_account_activity') }}
)

select
    accounts.profile_id as measured_id,
    accounts.followers as followers,
    accounts.following as following,
    accounts.media_count as total_posts,
    coalesce(summaries.recent_posts, 0) as recent_posts,
    {%- for average in list_shown_averages() %}
    coalesce(summaries.{{ average }}_trimmed, summaries.{{ average }}) as {{ average }},
    {%- endfor %}
    summaries.likes_spread_pct as likes_spread_pct,
    summaries.story_reach as story_reach,
    {{ divide('100 * avg_comments', 'accounts.followers') }} as comments_rate_pct,
    summaries.likes_to_comment_ratio as likes_to_comment_ratio,
    {{ divide('accounts.followers', 'accounts.following') }} as followers_following_ratio,
    {{ posts_per_week('activity.dated_posts', 'activity.first_posted_on', 'accounts.created_at') | indent }}
        as avg_posts_per_week,
    {%- for days in [7, 30, 90, 365] %}
    activity.followers_growth_{{ days }}d as followers_growth_{{ days }}d,
    {%- endfor %}
    activity.followers_growth_30d_pct as followers_growth_30d_pct,
    activity.uploads_30d as uploads_30d,
    activity.plays_30d as plays_30d,
    activity.likes_30d as likes_30d,
    activity.comments_30d as comments_30d,
    activity.reach_30d as reach_30d,
    activity.impressions_30d as impressions_30d,
    activity.avg_reels_plays_30d as avg_reels_plays_30d,
    summaries.computed_at as summarised_at
from accounts
left join summaries on accounts.profile_id = summaries.profile_id
left join activity on accounts.profile_id = activity.profile_id
