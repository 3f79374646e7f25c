{#- How much and since when accounts post, one row per account (dated_id) with a dated post: first_posted_on, and
    dated_posts, those within the last var posting_days whole days before as_of() (see posts_per_week).
    `touched` where carry_over() may ask for some accounts alone. -#}
{% macro select_posting(posts, key, touched=false) -%}
{%- set day = "toDate(post.published_at, '" ~ var('time_zone') ~ "')" -%}
select
    post.{{ key }} as dated_id,
    min({{ day }}) as first_posted_on,
    countIf({{ day }} >= {{ as_of_date() }} - {{ var('posting_days') }} and {{ day }} < {{ as_of_date() }}) as dated_posts
from {{ posts }}
where
    post.{{ key }} is not null
    and post.published_at <= {{ as_of() }}
    {%- if touched %}
    and {{ if_touched('post.' ~ key ~ ' in (select touched.key from touched)') }}
    {%- endif %}
group by dated_id
{%- endmacro %}
