{#- A model's body. Averages over the last 12 videos of a channel, and over the last 12 of each kind (video or short;
    one of unknown kind counts in neither). Newest first, unknown time last, equal times by shortcode. A video with hidden
    likes or closed comments is left out of the ratios that need them, with all it has; so is one with more likes and
    comments than views from the ratios by views: one of its counters is wrong.

    A run of the same day reads the videos of channels of which a video came since (carry_over). A video that changes its
    channel touches the one it leaves, too, while its older version is not merged away; the first run of a day makes all
    rows. -#}
{% macro build_youtube_activity() -%}
{%- set newest_first = 'order by post.published_at desc nulls last, post.shortcode asc' %}
{%- set by_channel = ref('stg_beat_youtube_post') %}
{%- if keeps_projection(by_channel, 'by_channel') %}
    {%- set by_channel = 'mergeTreeProjection(' ~ quote_text(by_channel.schema) ~ ', '
        ~ quote_text(by_channel.identifier) ~ ", 'by_channel')" %}
{%- endif %}
{%- set of_touched %}
post.shortcode in (
    select video.shortcode from {{ by_channel }} as video
    where cityHash64(video.channel_id) in (select cityHash64(touched.key) from touched)
)
and post.channel_id in (select touched.key from touched)
{%- endset %}
{%- set rows %}
with posts as (
    select
        post.shortcode as shortcode,
        assumeNotNull(post.channel_id) as channel_id,
        post.post_type as post_type,
        post.views as views,
        post.likes as likes,
        post.comments as comments,
        post.published_at as published_at
    from {{ ref_latest('stg_beat_youtube_post', 'post') }}
    where
        post.channel_id is not null
        and (post.published_at is null or post.published_at <= {{ as_of() }})
        and {{ if_touched(of_touched) }}
),

posting as (
    {{ select_posting('posts as post', 'channel_id') | indent }}
),

averages as (
    select
        channel_id,
        countIf(is_recent) as summarised_posts,
        avgIf(toFloat64(views), is_recent) as avg_recent_views,
        {%- for kind in ['video', 'short'] %}
        {%- for metric in ['views', 'likes', 'comments'] %}
        avgIf(
            toFloat64({{ metric }}), post_type = '{{ kind }}' and place_in_kind <= {{ var('recent_posts') }}
        ) as {{ kind }}_avg_{{ metric }},
        {%- endfor %}
        {%- endfor %}
        avgIf({{ rate_by_views('likes + comments', 'views') }}, is_recent) as engagement_by_views_ratio,
        {{ ratio_of_sums('100 * recent_comments', 'credible_views') }} as comments_by_views_pct,
        {{ ratio_of_sums('recent_likes', 'recent_comments') }} as likes_to_comment_ratio
    from (
        select
            *,
            place <= {{ var('recent_posts') }} as is_recent,
            {%- for metric in ['likes', 'comments'] %}
            if(is_recent, {{ metric }}, null) as recent_{{ metric }},
            {%- endfor %}
            if(is_recent and coalesce(likes, 0) + coalesce(comments, 0) <= views, views, null) as credible_views
        from (
            select
                post.channel_id as channel_id,
                post.post_type as post_type,
                post.views as views,
                post.likes as likes,
                post.comments as comments,
                row_number() over (partition by post.channel_id {{ newest_first }}) as place,
                row_number() over (partition by post.channel_id, post.post_type {{ newest_first }}) as place_in_kind
            from posts as post
        )
        where is_recent or place_in_kind <= {{ var('recent_posts') }}
    )
    group by channel_id
)

select
    averages.*,
    posting.first_posted_on as first_posted_on,
    posting.dated_posts as dated_posts
from averages
left join posting on averages.channel_id = posting.dated_id
{%- endset %}
{%- set touched %}
-- without FINAL: an older version names the channel that a video has left
select assumeNotNull(post.channel_id) as key
from {{ ref('stg_beat_youtube_post') }} as post
where
    post.channel_id is not null
    and post.shortcode in (
        select changed.shortcode
        from {{ ref('stg_beat_youtube_post') }} as changed
        where {{ came_since('changed.updated_at') }}
    )
group by key
{%- endset %}
{{ carry_over('channel_id', rows, touched, whole=[]) }}
{%- endmacro %}
