{#- A model's body. One row per account and week or month (grain), from the events of that period alone.

    The views of a post are its plays, or its views where its plays are unknown; the same on both platforms, of which
    YouTube has no plays (docs/decisions/0043-one-meaning-for-each-name.md). A post is rated when its likes and its
    comments are both known and, where its views are above 0, together not more than those: such counters contradict each
    other. It is watched when it is rated and its views are above 0. Ratios take numerator and denominator from the same
    posts: a post with hidden likes is in neither, and no picture is divided by the views of the reels
    (docs/decisions/0032-ratios-and-sums-of-like-things.md).

    Levels (followers, following, lifetime totals) are the last known value in the period by (event time, event id).
    The posts published in the period count with the last counter seen until the period closes (closes_at), so that
    a closed period does not move when an old post is seen again; a post first seen later than that is not counted,
    nor is a story, which has none of the counters.

    In an incremental run only the touched accounts and periods are built, each from all its events, not only from
    those in the look-back. _version is then the same for the same events, and a slow older run loses to a newer one
    whatever the order in which they commit (docs/decisions/0008-series-are-recomputed-by-key.md). -#}
{% macro build_account_series(platform, grain) -%}
{%- set profile_date = period_start('event_at', grain) -%}
{%- set profile_rows -%}
        platform = '{{ platform }}' and {{ ingested_until('ingested_at') }}
{%- endset -%}
{%- set post_date = period_start('published_at', grain) -%}
{%- set post_rows -%}
        platform = '{{ platform }}'
        and {{ ingested_until('ingested_at') }}
        and published_at is not null
        and coalesce(likes, comments, plays, views) is not null
        and event_at <= {{ closes_at(post_date, grain) }}
{%- endset -%}
with {% if is_incremental() -%}
touched as (
    -- without FINAL: another delivery of an event touches the same period
    select
        profile_id as platform_id,
        {{ profile_date }} as date
    from {{ ref('stg_beat_profile_log') }}
    where
        {{ profile_rows }}
        and {{ ingested_since('ingested_at', 'profile_ingested_at') }}
    union distinct
    select
        profile_id as platform_id,
        {{ post_date }} as date
    from {{ ref('stg_beat_post_log') }}
    where
        {{ post_rows }}
        and {{ ingested_since('ingested_at', 'posts_ingested_at') }}
),

{% endif -%}
profile_snapshots as (
    select
        profile_id as platform_id,
        {{ profile_date }} as date,
        {{ event_position() }} as position,
        followers,
        following,
        views_total,
        uploads_total,
        event_at,
        ingested_at
    from {{ ref_latest('stg_beat_profile_log') }}
    where
        {{ profile_rows }}
        and {{ in_slice('profile_id') }}
),

post_snapshots as (
    select
        profile_id as platform_id,
        shortcode,
        assumeNotNull({{ post_date }}) as date,
        {{ event_position() }} as position,
        likes,
        comments,
        plays,
        views,
        event_at,
        ingested_at
    from {{ ref_latest('stg_beat_post_log') }}
    where
        {{ post_rows }}
        and {{ in_slice('profile_id') }}
),

levels as (
    select
        platform_id,
        date,
        argMax(followers, position) as last_followers,
        argMax(following, position) as last_following,
        argMax(views_total, position) as last_views_total,
        argMax(uploads_total, position) as last_uploads_total,
        max(event_at) as last_event_at,
        max(ingested_at) as last_ingested_at
    from profile_snapshots
    where {{ is_touched_period() }}
    group by platform_id, date
),

posts as (
    select
        platform_id,
        date,
        shortcode,
        argMax(likes, position) as last_likes,
        argMax(comments, position) as last_comments,
        argMax(plays, position) as last_plays,
        coalesce(last_plays, argMax(views, position)) as last_views,
        max(event_at) as last_event_at,
        max(ingested_at) as last_ingested_at
    from post_snapshots
    where {{ is_touched_period() }}
    group by platform_id, shortcode, date
),

-- United and grouped, not joined: a join would hold the levels in memory until all posts are grouped.
parts as (
    select
        platform_id,
        date,
        last_followers,
        last_following,
        last_views_total,
        last_uploads_total,
        last_event_at as last_profile_event_at,
        last_ingested_at as profile_ingested_at,
        null as post_count,
        null as likes,
        null as comments,
        null as plays,
        null as views,
        null as rated_engagement,
        null as watched_engagement,
        null as watched_views,
        null as last_post_event_at,
        null as posts_ingested_at
    from levels
    union all
    select
        platform_id,
        date,
        null as last_followers,
        null as last_following,
        null as last_views_total,
        null as last_uploads_total,
        null as last_profile_event_at,
        null as profile_ingested_at,
        toInt64(1) as post_count,
        last_likes as likes,
        last_comments as comments,
        last_plays as plays,
        last_views as views,
        if(last_views > 0 and last_likes + last_comments > last_views, null, last_likes + last_comments)
            as rated_engagement,
        if(last_views > 0, rated_engagement, null) as watched_engagement,
        if(watched_engagement is null, null, last_views) as watched_views,
        last_event_at as last_post_event_at,
        last_ingested_at as posts_ingested_at
    from posts
)

select
    platform_id,
    max(parts.last_followers) as followers,
    {%- if platform == 'INSTAGRAM' %}
    max(parts.last_following) as following,
    {%- else %}
    max(parts.last_views_total) as views_total,
    {%- endif %}
    max(parts.last_uploads_total) as uploads_total,
    sum(parts.post_count) as uploads,
    {%- if platform == 'INSTAGRAM' %}
    {{ sum_counts('parts.plays') }} as plays,
    {%- endif %}
    {{ sum_counts('parts.views') }} as views,
    {{ sum_counts('parts.likes') }} as likes,
    {{ sum_counts('parts.comments') }} as comments,
    {{ sum_counts(add_known('parts.likes', 'parts.comments')) }} as engagement,
    nullIf(toInt64(count(parts.rated_engagement)), 0) as rated_posts,
    {{ sum_counts('parts.rated_engagement') }} as rated_engagement,
    {{ sum_counts('parts.watched_engagement') }} as watched_engagement,
    {{ sum_counts('parts.watched_views') }} as watched_views,
    date,
    greatest(
        ifNull(max(parts.last_profile_event_at), toDateTime(0, 'UTC')),
        ifNull(max(parts.last_post_event_at), toDateTime(0, 'UTC'))
    ) as last_event_at,
    max(parts.profile_ingested_at) as profile_ingested_at,
    max(parts.posts_ingested_at) as posts_ingested_at,
    {{ version_of(['max(parts.profile_ingested_at)', 'max(parts.posts_ingested_at)']) }} as _version
from parts
group by platform_id, date
{%- endmacro %}
