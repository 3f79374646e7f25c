-- Those who climbed or fell most on a board since the month before, within the chosen attributes.
select
    board.tableoid as source,
    board.month,
    board.month_state,
    board.platform,
    board.profile_platform,
    board.platform_id,
    board.handle,
    board.name,
    board.category,
    board.language,
    board.country,
    board.profile_type,
    (board.current_month_ranks ->> %(dimension)s)::int as rank,
    (board.last_month_ranks ->> %(dimension)s)::int as previous_rank,
    board.followers,
    board.followers_change,
    board.views,
    board.engagement_ratio,
    board.crosses_definition_change
from {table} as board
where board.platform = %(platform)s
    and board.month = coalesce(%(month)s::date, (select max(month) from {table} where platform = %(platform)s))
    and (board.current_month_ranks ->> %(dimension)s)::int <= %(complete_to)s
    -- The rank among all is a column too, which has an index: a filter by country does not read the whole month.
    and (not %(is_of_all)s::bool or board.{rank} <= %(complete_to)s)
    and %(direction)s * (
        (board.last_month_ranks ->> %(dimension)s)::int - (board.current_month_ranks ->> %(dimension)s)::int
    ) > 0
    and (%(category)s::text is null or board.category = %(category)s)
    and (%(language)s::text is null or board.language = %(language)s)
    and (%(profile_type)s::text is null or coalesce(board.profile_type, 'CREATOR') = %(profile_type)s)
    and (%(country)s::text is null or board.country = %(country)s)
order by
    %(direction)s * (
        (board.last_month_ranks ->> %(dimension)s)::int - (board.current_month_ranks ->> %(dimension)s)::int
    ) desc,
    (board.current_month_ranks ->> %(dimension)s)::int
limit %(limit)s
