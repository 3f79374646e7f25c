-- The posts of a shared list, the newest first. What a customer pays and earns (cost, clicks, orders, who the customer
-- is) is not here.
select
    post.tableoid as source,
    post.platform,
    post.post_shortcode,
    post.handle,
    post.profile_name,
    post.post_type,
    post.title,
    post.post_link,
    post.followers,
    post.likes,
    post.comments,
    post.plays,
    post.views,
    post.engagement,
    post.reach,
    post.reach_is_estimated,
    post.impressions,
    post.impressions_is_estimated,
    post.engagement_by_reach_ratio,
    post.published_at,
    post.last_event_at
from {table} as post
join part_list as list on post.collection_id = list.collection_id and post.collection_type = list.collection_type
order by post.published_at desc nulls last, post.platform, post.post_shortcode
limit 2000
