-- Posts of the collections that are flagged as priority: those never seen first, then those of 90 days, oldest first.
with listed as (
    select
        item.shortcode as shortcode,
        min(flag.priority) as rank,
        min(item.created_at) as listed_at
    from stg_coffee_post_collection_item as item
    inner join tracked as flag on item.post_collection_id = flag.value
    where
        item.platform = 'INSTAGRAM'
        and item.post_type in ('reels', 'image', 'carousel')
        and item.is_enabled
        and not match(ifNull(item.shortcode, ''), '^[0-9]*$')
    group by shortcode
)

select
    assumeNotNull(listed.shortcode) as entity,
    0 as priority
from listed
left join stg_beat_instagram_post as post on listed.shortcode = post.shortcode
where post.shortcode is null or post.published_at >= {as_of:DateTime64(6, 'UTC')} - interval 90 day
order by listed.rank, post.shortcode is not null, ifNull(post.published_at, listed.listed_at), entity
