{#- A model's body. The posts that account statistics are made of: the last var recent_posts of a profile, overall
    or in their class. -#}
{% macro select_recent_instagram_posts(posts_with_ranks) -%}
select
    post_shortcode,
    profile_id,
    post_class,
    followers,
    likes,
    comments,
    views,
    plays,
    engagement,
    reach,
    impressions,
    post_rank,
    class_post_rank,
    {{ divide('engagement', 'followers') }} as engagement_ratio,
    {{ divide('engagement', 'reach') }} as engagement_by_reach_ratio,
    toBool(post_rank <= {{ var('recent_posts') }}) as is_recent,
    toBool(class_post_rank <= {{ var('recent_posts') }}) as is_recent_in_class,
    published_at
from {{ ref(posts_with_ranks) }}
where post_rank <= {{ var('recent_posts') }} or class_post_rank <= {{ var('recent_posts') }}
{%- endmacro %}
