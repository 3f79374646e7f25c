{#- A model's body. Posts with their recency, one to one. -#}
{% macro join_instagram_post_ranks(posts, ranks) -%}
select
    posts.post_shortcode as post_shortcode,
    posts.profile_id as profile_id,
    posts.handle as handle,
    posts.post_type as post_type,
    posts.post_class as post_class,
    posts.followers as followers,
    posts.likes as likes,
    posts.comments as comments,
    posts.views as views,
    posts.plays as plays,
    posts.saves as saves,
    posts.shares as shares,
    posts.engagement as engagement,
    posts.reach as reach,
    posts.impressions as impressions,
    ranks.post_rank as post_rank,
    ranks.class_post_rank as class_post_rank,
    posts.reach_is_estimated as reach_is_estimated,
    posts.impressions_is_estimated as impressions_is_estimated,
    posts.published_at as published_at
from {{ ref(posts) }} as posts
inner join {{ ref(ranks) }} as ranks
    on posts.profile_id = ranks.profile_id and posts.post_shortcode = ranks.post_shortcode
{%- endmacro %}
