-- The categories that have trending posts in a month, the most watched first.
select
    min(post.tableoid::oid::bigint)::oid as source,
    post.category
from {table} as post
where post.platform = %(platform)s
    and post.month = %(month)s::date -- if month
    and post.month = (select max(month) from {table} where platform = %(platform)s) -- unless month
group by post.category
order by sum(coalesce(post.plays, post.views)) desc nulls last, post.category
