-- Stories that are still to be seen, of the accounts whose owners let us in; those that expire first, first.
select
    post.shortcode as entity,
    0 as priority,
    post.handle as handle,
    post.post_id as story_id,
    post.profile_id as profile_id
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
    and post.post_type = 'story'
    -- Some stories come without a time; they were live when they were first seen.
    and ifNull(post.published_at, post.created_at) > {as_of:DateTime64(6, 'UTC')} - interval 24 hour
order by ifNull(post.published_at, post.created_at), entity
