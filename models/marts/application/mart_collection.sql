{{ config(order_by=['collection_id', 'collection_type'], group='collection', access='public', tags=['collections']) }}

-- Grain: one row per collection_id, collection_type: every list that is not deleted, with what its posts add up to.
with lists as (
    select * from {{ ref('stg_coffee_collection') }}
    where is_enabled
),

-- Such a list has an id for its link, and the link is closed.
not_shared as (
    select toString(id) as id
    from {{ ref('stg_coffee_profile_collection') }}
    where not coalesce(is_share_enabled, false)
),

posts as (
    select
        posts.collection_id as collection_id,
        posts.collection_type as collection_type,
        toInt64(count()) as post_count,
        toInt64(uniqExact(posts.platform, posts.profile_id)) as profile_count,
        toInt64(countIf(posts.platform = 'INSTAGRAM')) as instagram_post_count,
        toInt64(countIf(posts.platform = 'YOUTUBE')) as youtube_post_count,
        {%- for counter in ['likes', 'comments', 'engagement', 'plays', 'views', 'cost'] %}
        {{ sum_counts('posts.' ~ counter) }} as {{ counter }}_sum,
        {%- endfor %}
        {%- set orders = ['overall_orders', 'delivered_orders', 'completed_orders'] %}
        {%- for measure in ['reach', 'impressions', 'clicks'] + orders %}
        sum(posts.{{ measure }}) as {{ measure }}_sum,
        {%- endfor %}
        max(posts.reach_is_estimated) as any_reach_is_estimated,
        min(posts.first_seen_date) as first_seen,
        max(posts.last_seen_date) as last_seen
    from {{ ref('mart_collection_post') }} as posts
    group by posts.collection_id, posts.collection_type
)

select
    lists.id as collection_id,
    lists.collection_type as collection_type,
    -- The link is also closed while nobody can read what its customer hides.
    if(
        lists.collection_type = 'PROFILE' and lists.id in (select not_shared.id from not_shared)
        or not isValidJSON(coalesce(lists.disabled_metrics, '[]'))
        or JSONType(coalesce(lists.disabled_metrics, '[]')) not in ('Array', 'Null'),
        null,
        lists.share_id
    ) as share_id,
    lists.name as title,
    JSONExtract(coalesce(lists.disabled_metrics, '[]'), 'Array(String)') as disabled_metrics,
    lists.partner_id as partner_id,
    lists.source as source,
    lists.source_id as source_id,
    coalesce(posts.post_count, 0) as posts,
    coalesce(posts.profile_count, 0) as profiles,
    coalesce(posts.instagram_post_count, 0) as instagram_posts,
    coalesce(posts.youtube_post_count, 0) as youtube_posts,
    {%- for sum in ['likes', 'comments', 'engagement', 'plays', 'views', 'reach', 'impressions', 'clicks'] %}
    posts.{{ sum }}_sum as {{ sum }},
    {%- endfor %}
    lists.budget as budget,
    posts.cost_sum as cost,
    posts.overall_orders_sum as overall_orders,
    posts.delivered_orders_sum as delivered_orders,
    posts.completed_orders_sum as completed_orders,
    toBool(posts.any_reach_is_estimated) as reach_is_estimated,
    posts.first_seen as first_seen_date,
    posts.last_seen as last_seen_date,
    lists.starts_at as starts_at,
    lists.ends_at as ends_at,
    lists.created_at as created_at
from lists
left join posts on lists.id = posts.collection_id and lists.collection_type = posts.collection_type
