-- The leading posts of a month and category, by plays (Instagram) or views (YouTube).
select
    post.tableoid as source,
    post.platform,
    post.month,
    post.month_state,
    post.category,
    post.short_code,
    post.platform_id,
    post.handle,
    post.name,
    post.language,
    post.country,
    post.post_type,
    post.title,
    post.post_url,
    post.trending_rank as rank,
    post.followers,
    post.views,
    post.plays,
    post.likes,
    post.comments,
    post.engagement,
    post.engagement_ratio,
    post.engagement_by_views_ratio,
    post.reach,
    post.reach_is_estimated,
    post.published_at
from {table} as post
where post.platform = %(platform)s
    and post.month = %(month)s::date -- if month
    and post.month = (select max(month) from {table} where platform = %(platform)s) -- unless month
    and post.category = %(category)s
    and post.trending_rank > %(after)s
    and post.language = %(language)s -- if language
order by post.trending_rank
limit %(limit)s
