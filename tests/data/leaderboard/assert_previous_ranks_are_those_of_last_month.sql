-- A published previous rank is the rank that the month before shows, wherever that row was published too, and there is
-- none for a dimension whose attributes have changed.
select
    own.month as month,
    own.platform as platform,
    own.platform_id as platform_id,
    own.last_month_ranks as claimed,
    previous.current_month_ranks as shown
from {{ ref('mart_leaderboard') }} as own
inner join {{ ref('mart_leaderboard') }} as previous
on
    own.month = addMonths(previous.month, 1)
    and own.platform = previous.platform
    and own.profile_platform = previous.profile_platform
    and own.platform_id = previous.platform_id
where
    mapFilter(
        (key, place) ->
        (position(key, '_cat') = 0 or coalesce(own.category = previous.category, false))
        and (position(key, '_lang') = 0 or coalesce(own.language = previous.language, false))
        and (position(key, '_profile') = 0 or coalesce(own.profile_type = previous.profile_type, false)),
        previous.current_month_ranks
    ) != own.last_month_ranks
