-- Grain: one row per posting_id (a channel). Averages over the last 12 videos of a channel, and over the last 12 of
-- each kind (video or short; one of unknown kind counts in neither). Newest first, unknown time last, equal times by
-- shortcode. A video with hidden likes or closed comments is left out of the ratios that need them, with all it has; so
-- is one with more likes and comments than views from the ratios by views: one of its counters is wrong.
{%- set newest_first = 'order by post.published_at desc nulls last, post.shortcode asc' %}
select
    channel_id as posting_id,
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
        from {{ ref_latest('stg_beat_youtube_post', 'post') }}
        where
            post.channel_id is not null
            and (post.published_at is null or post.published_at <= {{ as_of() }})
    )
    where is_recent or place_in_kind <= {{ var('recent_posts') }}
)
group by channel_id
