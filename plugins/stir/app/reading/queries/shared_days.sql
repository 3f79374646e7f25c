-- A shared list by day: the lifetime totals of its posts at the end of the day, and how many posts were observed.
select
    min(day.tableoid::oid::bigint)::oid as source,
    day.date,
    count(*) as posts,
    count(*) filter (where not day.is_imputed) as observed_posts,
    sum(day.likes)::bigint as likes,
    sum(day.comments)::bigint as comments,
    sum(coalesce(day.plays, day.views))::bigint as plays_or_views,
    sum(day.engagement)::bigint as engagement
from {table} as day
where day.share_id = %(share_id)s
group by day.date
order by day.date
limit 1000
