-- Posts of the last month of the accounts whose owners let us in, newest first.
select
    post.shortcode as entity,
    0 as priority,
    post.handle as handle,
    post.post_id as post_id,
    post.post_type as post_type
from stg_beat_instagram_post as post
where
    post.handle in (
        select handle
        from stg_beat_credential
        where
            source = 'graphapi'
            and is_enabled
            and not is_data_access_expired
            and ifNull(disabled_until_at <= {as_of:DateTime64(6, 'UTC')}, true)
    )
    and post.post_type in ('reels', 'image', 'carousel')
    and post.published_at > {as_of:DateTime64(6, 'UTC')} - interval 1 month
order by post.published_at desc, entity
