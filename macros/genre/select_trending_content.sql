{#- A model's body. The posts of each month and category with the most plays (Instagram: reels) or views (YouTube:
    videos and shorts): var trending_cut of them, ties by likes, then the later published, then the shortcode.
    Authors have a known category and at least one follower and live in the market. The author's attributes are
    those of today in months that are still open; a FINAL month is not built again and keeps what it had. -#}
{% macro select_trending_content(platform) -%}
{%- set own = {
    'INSTAGRAM': {
        'id': 'profile_id', 'posts': 'stg_beat_instagram_post', 'accounts': 'mart_instagram_account', 'metric': 'plays',
        'handle': 'handle', 'name': 'name', 'reach': 'nullIf(post.reach, 0)',
        'eligible': "post.post_type = 'reels' and post.plays > 0 and coalesce(post.likes > 0, true)",
    },
    'YOUTUBE': {
        'id': 'channel_id', 'posts': 'stg_beat_youtube_post', 'accounts': 'mart_youtube_account', 'metric': 'views',
        'handle': 'custom_url', 'name': 'title', 'reach': 'cast(null as Nullable(Int64))',
        'eligible': 'post.views > 0',
    },
}[platform] -%}
with posts as (
    select
        {{ month_start('post.published_at') }} as month,
        post.shortcode as shortcode,
        post.{{ own.id }} as {{ own.id }},
        post.post_type as post_type,
        post.{{ own.metric }} as {{ own.metric }},
        {%- if platform == 'INSTAGRAM' %}
        post.views as views,
        {%- endif %}
        post.likes as likes,
        post.comments as comments,
        {{ own.reach }} as measured_reach,
        post.published_at as published_at
    from {{ ref_latest(own.posts, 'post') }}
    where
        {{ own.eligible }}
        and post.{{ own.id }} is not null
        and post.published_at <= {{ as_of() }}
        and {{ is_month_to_build(month_start('post.published_at')) }}
),

authors as (
    select
        account.{{ own.id }} as {{ own.id }},
        account.{{ own.handle }} as handle,
        account.{{ own.name }} as name,
        assumeNotNull(account.category) as category,
        account.language as language,
        account.country as country,
        account.profile_type as profile_type,
        account.followers as followers
    from {{ ref(own.accounts) }} as account
    where account.category is not null and account.followers >= 1 and {{ is_in_market('account.country') }}
),

-- limit by spills to disk, a window does not: it only numbers what is left.
leading as (
    select *
    from posts
    inner join authors using ({{ own.id }})
    order by month, category, {{ own.metric }} desc, likes desc nulls last, published_at desc, shortcode asc
    limit {{ var('trending_cut') }} by month, category
)

select
    assumeNotNull(month) as month,
    category,
    shortcode,
    assumeNotNull({{ own.id }}) as {{ own.id }},
    handle,
    name,
    language,
    country,
    profile_type,
    post_type,
    {{ trending_month_state('month') }} as month_state,
    toUInt32(row_number() over (
        partition by month, category
        order by {{ own.metric }} desc, likes desc nulls last, published_at desc, shortcode asc
    )) as trending_rank,
    followers,
    assumeNotNull({{ own.metric }}) as {{ own.metric }},
    {%- if platform == 'INSTAGRAM' %}
    views,
    {%- endif %}
    likes,
    comments,
    {%- if platform == 'INSTAGRAM' %}
    measured_reach,
    {%- endif %}
    assumeNotNull(published_at) as published_at,
    toDateTime({{ as_of() }}, 'UTC') as computed_as_of
from leading
{%- endmacro %}
