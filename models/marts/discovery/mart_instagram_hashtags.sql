{{ config(order_by='profile_id', tags=['weekly']) }}

-- Grain: one row per profile_id with hashtags: its 10 most used ones with the number of posts, ties by tag.
with used as (
    select
        assumeNotNull(post.profile_id) as profile_id,
        arrayJoin(post.hashtags) as hashtag,
        count() as posts
    from {{ ref_latest('mart_instagram_post_hashtags', 'post') }}
    where post.profile_id is not null
    group by profile_id, hashtag
    order by profile_id, posts desc, hashtag asc
    limit 10 by profile_id
)

select
    'INSTAGRAM' as platform,
    profile_id as platform_id,
    profile_id,
    arraySort(tag -> (-toInt64(tag.2), tag.1), groupArray((hashtag, posts))) as hashtags
from used
group by profile_id
