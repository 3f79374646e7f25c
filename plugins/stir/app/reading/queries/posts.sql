-- The newest and the best posts of an account; a post can be both.
select
    post.tableoid as source,
    post.short_code,
    post.post_type,
    post.title,
    post.post_url,
    post.newest_place,
    post.best_place,
    post.best_by,
    post.views,
    post.plays,
    post.likes,
    post.comments,
    post.engagement,
    post.engagement_by_views_ratio,
    post.engagement_by_followers_ratio,
    post.reach,
    post.reach_is_estimated,
    post.published_at
from {table} as post
where post.platform = %(platform)s
    and post.platform_id = %(platform_id)s
order by post.newest_place nulls last, post.best_place nulls last, post.short_code
