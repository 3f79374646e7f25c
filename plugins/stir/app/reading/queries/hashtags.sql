-- The hashtags that a profile uses most, with the number of posts of each.
select
    tags.tableoid as source,
    tags.hashtags,
    tags.posts
from {table} as tags
where tags.platform = %(platform)s
    and tags.platform_id = %(platform_id)s
