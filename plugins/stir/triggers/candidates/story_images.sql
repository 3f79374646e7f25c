-- Stories of the last day whose image is not stored; those whose link expires first, first.
select
    post.shortcode as entity,
    0 as priority,
    post.thumbnail_url as original_url,
    lower(hex(halfMD5(post.thumbnail_url))) as url_hash
from stg_beat_instagram_post as post
where
    post.post_type = 'story'
    and post.thumbnail_url is not null
    and ifNull(post.published_at, post.created_at) > {as_of:DateTime64(6, 'UTC')} - interval 24 hour
    and post.shortcode not in (
        select entity_id from stg_beat_asset_log where platform = 'INSTAGRAM' and entity_type = 'POST'
    )
order by ifNull(post.published_at, post.created_at), entity
