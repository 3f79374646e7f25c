{#- A model's body. What account marts say by windows that end with the day before as_of(): growth over [d - n, d), sums
    over posts published in [d - 30, d). Histories of accounts are read here and nowhere else in the core run; a run of
    the same day reads those of accounts with snapshots of earlier days that came since (carry_over). Snapshots and
    posts of d itself are in no window. -#}
{% macro build_instagram_activity() -%}
{%- set growth_windows = [7, 30, 90, 365] %}
{%- set rows %}
with levels as (
    {{ select_window_levels('INSTAGRAM', growth_windows, {'followers': 'followers'}, touched=true) | indent }}
),

posting as (
    {{ select_posting(ref('mart_instagram_all_posts') ~ ' as post', 'profile_id', touched=true) | indent }}
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
        and {{ if_touched('posts.profile_id in (select touched.key from touched)') }}
    group by profile_id
),

places as (
    {{ select_place_countries(touched=true) | indent }}
),

accounts as (
    select profile_id from levels
    union distinct
    select dated_id as profile_id from posting
    union distinct
    select assumeNotNull(places.profile_id) as profile_id from places
)

select
    accounts.profile_id as profile_id,
    {%- for days in growth_windows %}
    levels.followers_end_{{ days }}d - levels.followers_start_{{ days }}d as followers_growth_{{ days }}d,
    {%- endfor %}
    {{ divide('100 * followers_growth_30d', 'levels.followers_start_30d') }} as followers_growth_30d_pct,
    posting.first_posted_on as first_posted_on,
    posting.dated_posts as dated_posts,
    if(posting.first_posted_on is null, null, coalesce(month_posts.uploads_30d, 0)) as uploads_30d,
    month_posts.plays_30d as plays_30d,
    month_posts.likes_30d as likes_30d,
    month_posts.comments_30d as comments_30d,
    month_posts.reach_30d as reach_30d,
    month_posts.impressions_30d as impressions_30d,
    month_posts.avg_reels_plays_30d as avg_reels_plays_30d,
    places.country as place_country
from accounts
left join levels on accounts.profile_id = levels.profile_id
left join posting on accounts.profile_id = posting.dated_id
left join month_posts on accounts.profile_id = month_posts.profile_id
left join places on accounts.profile_id = places.profile_id
{%- endset %}
{%- set touched %}
-- without FINAL: another delivery of a snapshot touches the same account
select profile_id as key
from {{ ref('stg_beat_profile_log') }}
where
    platform = 'INSTAGRAM'
    and {{ ingested_until('ingested_at') }}
    and {{ came_since('ingested_at') }}
    and event_at < toDateTime({{ as_of_date() }}, '{{ var("time_zone") }}')
group by key
{%- endset %}
{{ carry_over('profile_id', rows, touched, whole=['mart_instagram_all_posts', 'mart_post_location']) }}
{%- endmacro %}
