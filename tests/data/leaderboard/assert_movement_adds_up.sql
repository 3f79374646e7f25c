-- The four parts of a movement add up to last month's rank less this month's, and every published rank that has one of
-- last month is explained, and no other.
select
    board.month as month,
    board.platform as platform,
    board.platform_id as platform_id,
    mapFilter(
        (key, place) -> mapContains(board.last_month_ranks, key) and place <= {{ var('leaderboard_cut') }},
        board.current_month_ranks
    ) as moved
from {{ ref('mart_leaderboard') }} as board
full outer join {{ ref('mart_rank_movement') }} as movement
on
    board.month = movement.month
    and board.platform = movement.platform
    and board.profile_platform = movement.profile_platform
    and board.platform_id = movement.platform_id
where
    arraySort(mapKeys(moved)) != arraySort(mapKeys(movement.rivals_gone))
    or arrayExists(
        key ->
        movement.rivals_gone[key] + movement.rivals_new[key]
        + movement.own_movement[key] + movement.others_movement[key]
        != toInt64(board.last_month_ranks[key]) - toInt64(board.current_month_ranks[key]),
        mapKeys(moved)
    )
