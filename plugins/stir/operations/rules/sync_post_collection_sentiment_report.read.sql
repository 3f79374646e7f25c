-- Post collections of those partners with comments of the last two weeks, and the newest comment of each.
select
    collection.id as collection_id, any(collection.partner_id) as partner_id, uniqExact(comment.id) as comments,
    toString(max(comment.acted_at)) as data_watermark
from stg_coffee_post_collection as collection
inner join stg_coffee_post_collection_item as item on item.post_collection_id = collection.id
inner join stg_beat_post_activity_log as comment
    on comment.platform = item.platform and comment.shortcode = item.shortcode
where collection.is_enabled
    and toString(collection.partner_id) in {keys:Array(String)}
    and comment.activity_type = 'COMMENT'
    and comment.acted_at > {now:DateTime64(6, 'UTC')} - interval 14 day
    and comment.acted_at <= {now:DateTime64(6, 'UTC')}
group by collection.id
