{#- A model's body. Recency of each post within its profile, and within its profile and class: newest first, unknown
    time last, equal times by shortcode. -#}
{% macro rank_instagram_posts(posts) -%}
{%- set newest_first = 'order by published_at desc nulls last, post_shortcode asc' -%}
select
    post_shortcode,
    profile_id,
    row_number() over (partition by profile_id {{ newest_first }}) as post_rank,
    row_number() over (partition by profile_id, post_class {{ newest_first }}) as class_post_rank
from {{ ref(posts) }}
{%- endmacro %}
