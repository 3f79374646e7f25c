{{ config(group='leaderboard') }}
-- Followers, likes, views and uploads of the combined board are those of its sides in the bases, month by month; views
-- and uploads of the posts published in it on both sides.
with sides as (
    select
        month,
        profile_id as platform_id,
        'IA' as profile_platform,
        followers,
        likes,
        views,
        uploads
    from {{ ref('mart_instagram_leaderboard_base') }}
    union all
    select
        base.month,
        coalesce(linked.profile_id, base.channel_id),
        if(linked.profile_id is null, 'YA', 'IA'),
        base.followers,
        base.likes,
        base.views,
        base.uploads
    from {{ ref('mart_youtube_leaderboard_base') }} as base
    left join {{ ref('mart_linked_socials') }} as linked on base.channel_id = linked.channel_id
    where base.month_state != 'FINAL'
),

sums as (
    select
        month,
        profile_platform,
        platform_id,
        sum(followers) as followers,
        sum(likes) as likes,
        sum(views) as views,
        sum(uploads) as uploads
    from sides
    group by month, profile_platform, platform_id
)

select board.month, board.platform_id
from {{ ref('mart_cross_platform_leaderboard') }} as board
left join sums
on
    board.month = sums.month
    and board.profile_platform = sums.profile_platform
    and board.platform_id = sums.platform_id
where
    board.month_state != 'FINAL'
    and (
        coalesce(board.followers, -1) != coalesce(sums.followers, -1)
        or coalesce(board.likes, -1) != coalesce(sums.likes, -1)
        or coalesce(board.views, -1) != coalesce(sums.views, -1)
        or coalesce(board.uploads, -1) != coalesce(sums.uploads, -1)
    )
