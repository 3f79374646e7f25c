-- Listed videos: those never seen first, then those of the last 50 days, oldest first.
with listed as (
    select
        item.shortcode as shortcode,
        min(item.created_at) as listed_at
    from stg_coffee_post_collection_item as item
    inner join stg_coffee_post_collection as list on item.post_collection_id = list.id
    where
        item.platform = 'YOUTUBE'
        and item.is_enabled
        and item.is_crawled
        and list.is_enabled
        and not match(ifNull(item.shortcode, ''), '^[0-9]*$')
        and item.created_at > {as_of:DateTime64(6, 'UTC')} - interval 2 month
    group by shortcode
)

select
    assumeNotNull(listed.shortcode) as entity,
    0 as priority
from listed
left join stg_beat_youtube_post as post on listed.shortcode = post.shortcode
where post.shortcode is null or post.published_at >= {as_of:DateTime64(6, 'UTC')} - interval 50 day
order by post.shortcode is not null, ifNull(post.published_at, listed.listed_at), entity
