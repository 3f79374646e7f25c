-- Grain: one row per measured_id (a profile). Averages over the last 12 posts are trimmed where there are enough
-- posts, else plain; sums of 30 days are of posts published in [d - 30, d), growth is over [d - n, d).
{%- set growth_windows = [7, 30, 90, 365] %}
with accounts as (
    select profile_id, followers, following, media_count, created_at from {{ ref_latest('stg_beat_instagram_account') }}
),

summaries as (
    {{ select_newest_summaries() | indent }}
),

levels as (
    {{ select_window_levels('INSTAGRAM', growth_windows, {'followers': 'followers'}) | indent }}
),

posting as (
    {{ select_posting(ref('mart_instagram_all_posts') ~ ' as post', 'profile_id') | indent }}
),

month_posts as (
    select
        profile_id,
        count() as uploads_30d,
        {{ sum_counts('posts.plays') }} as plays_30d,
        {{ sum_counts('posts.likes') }} as likes_30d,
        {{ sum_counts('posts.comments') }} as comments_30d,
        sum(posts.reach) as reach_30d,
        sum(posts.impressions) as impressions_30d,
        avgIf(toFloat64(posts.plays), posts.post_class = 'reels') as avg_reels_plays_30d
    from {{ ref('mart_instagram_all_posts') }} as posts
    where
        toDate(posts.published_at, '{{ var("time_zone") }}') >= {{ as_of_date() }} - 30
        and toDate(posts.published_at, '{{ var("time_zone") }}') < {{ as_of_date() }}
    group by profile_id
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
    {{ posts_per_week('posting.dated_posts', 'posting.first_posted_on', 'accounts.created_at') | indent }}
        as avg_posts_per_week,
    {%- for days in growth_windows %}
    levels.followers_end_{{ days }}d - levels.followers_start_{{ days }}d as followers_growth_{{ days }}d,
    {%- endfor %}
    {{ divide('100 * followers_growth_30d', 'levels.followers_start_30d') }} as followers_growth_30d_pct,
    if(posting.first_posted_on is null, null, coalesce(month_posts.uploads_30d, 0)) as uploads_30d,
    month_posts.plays_30d as plays_30d,
    month_posts.likes_30d as likes_30d,
    month_posts.comments_30d as comments_30d,
    month_posts.reach_30d as reach_30d,
    month_posts.impressions_30d as impressions_30d,
    month_posts.avg_reels_plays_30d as avg_reels_plays_30d,
    summaries.computed_at as summarised_at
from accounts
left join summaries on accounts.profile_id = summaries.profile_id
left join levels on accounts.profile_id = levels.profile_id
left join posting on accounts.profile_id = posting.dated_id
left join month_posts on accounts.profile_id = month_posts.profile_id
