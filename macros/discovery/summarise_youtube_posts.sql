{#- Averages over the last 12 videos of a channel, and over the last 12 of each kind (video or short; a video of unknown
    kind counts in neither). Newest first, unknown time last, equal times by shortcode. -#}
{% macro summarise_youtube_posts() -%}
{%- set newest_first = 'order by post.published_at desc nulls last, post.shortcode asc' -%}
select
    channel_id as posting_id,
    countIf(place <= {{ var('recent_posts') }}) as summarised_posts,
    avgIf(toFloat64(views), place <= {{ var('recent_posts') }}) as avg_recent_views,
    {%- for kind in ['video', 'short'] %}
    {%- for metric in ['views', 'likes', 'comments'] %}
    avgIf(
        toFloat64({{ metric }}), post_type = '{{ kind }}' and place_in_kind <= {{ var('recent_posts') }}
    ) as {{ kind }}_avg_{{ metric }},
    {%- endfor %}
    {%- endfor %}
    avgIf({{ divide('likes + comments', 'views') }}, place <= {{ var('recent_posts') }}) as engagement_ratio,
    {{ divide(
        '100 * sumIf(comments, place <= ' ~ var('recent_posts') ~ ')',
        'sumIf(views, place <= ' ~ var('recent_posts') ~ ')'
    ) }} as comments_rate_pct,
    {{ divide(
        'sumIf(likes, place <= ' ~ var('recent_posts') ~ ')',
        'sumIf(comments, place <= ' ~ var('recent_posts') ~ ')'
    ) }} as likes_to_comment_ratio
from (
    select
        post.channel_id as channel_id,
        post.post_type as post_type,
        post.views as views,
        post.likes as likes,
        post.comments as comments,
        row_number() over (partition by post.channel_id {{ newest_first }}) as place,
        row_number() over (partition by post.channel_id, post.post_type {{ newest_first }}) as place_in_kind
    from {{ ref_latest('stg_beat_youtube_post', 'post') }}
    where
        post.channel_id is not null
        and (post.published_at is null or post.published_at <= {{ as_of() }})
)
where place <= {{ var('recent_posts') }} or place_in_kind <= {{ var('recent_posts') }}
group by channel_id
{%- endmacro %}
