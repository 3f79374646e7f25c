-- The days of a shared list on each platform; the newest ones where there are more than anybody draws.
select
    day.tableoid as source,
    day.date,
    day.platform,
    day.posts,
    day.imputed_posts,
    day.likes,
    day.comments,
    day.engagement,
    day.plays,
    day.views,
    day.reach,
    day.impressions
from {table} as day
join part_list as list on day.collection_id = list.collection_id and day.collection_type = list.collection_type
order by day.date desc, day.platform
limit 4000
