-- Owners of stories that were listed within a day and are not yet stored with the owner's numbers of that moment.
with waiting as (
    select
        item.posted_by_handle as handle,
        groupUniqArray(assumeNotNull(item.shortcode)) as codes,
        min(item.created_at) as listed_at
    from stg_coffee_post_collection_item as item
    left join stg_beat_instagram_post as post on item.shortcode = post.shortcode
    where
        item.platform = 'INSTAGRAM'
        and item.post_type = 'story'
        and item.is_enabled
        and item.shortcode is not null
        and item.created_at > {as_of:DateTime64(6, 'UTC')} - interval 1 day
        and (post.shortcode is null or post.first_seen_followers is null)
    group by handle
)

select
    account.profile_id as entity,
    0 as priority,
    waiting.handle as handle,
    arraySort(waiting.codes) as story_ids,
    account.followers as profile_follower,
    round(summary.engagement_ratio * 100, 4) as profile_er,
    round(summary.static_engagement_ratio * 100, 4) as profile_static_er,
    round(summary.reels_engagement_ratio * 100, 4) as profile_reels_er
from waiting
inner join mart_instagram_account as account on waiting.handle = account.handle
left join mart_instagram_account_summary as summary on account.profile_id = summary.profile_id
-- A handle that two profiles have had belongs to the one that was seen with it last.
order by waiting.listed_at, account.updated_at desc, entity
limit 1 by waiting.handle
