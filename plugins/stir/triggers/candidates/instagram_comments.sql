-- Listed posts of the partners that pay for sentiment reports: four days old, with comments, none of them stored.
select
    post.shortcode as entity,
    0 as priority
from stg_beat_instagram_post as post
where
    post.shortcode in (
        select item.shortcode
        from stg_coffee_post_collection_item as item
        inner join stg_coffee_post_collection as list on item.post_collection_id = list.id
        inner join tracked as partner on toString(list.partner_id) = partner.value
        where item.platform = 'INSTAGRAM' and item.post_type != 'story' and item.is_enabled and list.is_enabled
    )
    and post.shortcode not in (
        select activity.shortcode
        from stg_beat_post_activity_log as activity
        where activity.platform = 'INSTAGRAM' and activity.activity_type = 'COMMENT'
    )
    and post.comments > 0
    and post.published_at <= {as_of:DateTime64(6, 'UTC')} - interval 4 day
order by post.published_at desc, entity
