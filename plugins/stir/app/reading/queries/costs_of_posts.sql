-- What the posts of one list cost and brought, for operators only; the most expensive first.
select
    post.tableoid as source,
    post.platform,
    post.post_shortcode,
    post.handle,
    post.title,
    post.link,
    post.cost,
    post.tracked_clicks,
    post.manual_clicks,
    post.clicks,
    post.overall_orders,
    post.delivered_orders,
    post.completed_orders,
    post.published_at
from {table} as post
where post.collection_id = %(collection_id)s and post.collection_type = %(collection_type)s
order by post.cost desc nulls last, post.platform, post.post_shortcode
limit 2000
