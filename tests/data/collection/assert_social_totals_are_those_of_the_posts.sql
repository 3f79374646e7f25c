-- The totals of a collection and day are what its posts add up to, neither more nor less.
{%- set metrics = ['likes', 'comments', 'engagement', 'plays', 'views', 'reach', 'impressions', 'clicks'] %}
with sides as (
    select
        collection_id,
        collection_type,
        platform,
        date,
        {%- for metric in metrics %}
        toFloat64(coalesce({{ metric }}, 0)) as {{ metric }},
        {%- endfor %}
        1 as posts
    from {{ ref('mart_collection_post_ts') }}
    union all
    select
        collection_id,
        collection_type,
        platform,
        date,
        {%- for metric in metrics %}
        -toFloat64(coalesce({{ metric }}, 0)),
        {%- endfor %}
        -toInt64(posts)
    from {{ ref('mart_collection_social_ts') }}
)

select
    collection_id,
    collection_type,
    platform,
    date,
    {%- for metric in metrics %}
    sum(sides.{{ metric }}) as {{ metric }},
    {%- endfor %}
    sum(sides.posts) as posts
from sides
group by collection_id, collection_type, platform, date
having
    posts != 0
    {%- for metric in metrics %}
    or abs({{ metric }}) > 1e-3
    {%- endfor %}
