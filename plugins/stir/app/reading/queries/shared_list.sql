-- The list of a share link, if its customer shares it still. Columns for operators only (budget, cost, clicks, orders,
-- whose list it is) are not here.
select
    list.tableoid as source,
    list.collection_id,
    list.collection_type,
    list.title,
    list.disabled_metrics,
    list.posts,
    list.profiles,
    list.instagram_posts,
    list.youtube_posts,
    list.likes,
    list.comments,
    list.engagement,
    list.plays,
    list.views,
    list.reach,
    list.reach_is_estimated,
    list.impressions,
    list.first_seen_date,
    list.last_seen_date,
    list.starts_at,
    list.ends_at,
    list.created_at
from {table} as list
where list.share_id = %(share_id)s
order by list.created_at, list.collection_type, list.collection_id
limit 1
