-- One page of a board in the order of a rank, within the chosen attributes. A rank within a category, a language or a
-- type has the order of the rank of all, so the key of the page is that one, which has an index.
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
    board.{rank} as rank, -- if is_of_all
    (board.current_month_ranks ->> %(dimension)s)::int as rank, -- unless is_of_all
    (board.last_month_ranks ->> %(dimension)s)::int as previous_rank,
    (board.last_month_ranks ->> %(dimension)s)::int
        - board.{rank} as movement, -- if is_of_all
        - (board.current_month_ranks ->> %(dimension)s)::int as movement, -- unless is_of_all
    board.{rank} as place,
    board.followers,
    board.followers_change,
    board.views,
    board.plays,
    board.likes,
    board.comments,
    board.engagement,
    board.uploads,
    board.engagement_ratio,
    board.crosses_definition_change
from {table} as board
where board.platform = %(platform)s
    and board.month = %(month)s::date -- if month
    and board.month = (select max(month) from {table} where platform = %(platform)s) -- unless month
    -- The rank among all is a column, which has an index: a filter by country does not read the whole month.
    and board.{rank} <= %(complete_to)s -- if is_of_all
    and (board.current_month_ranks ->> %(dimension)s)::int <= %(complete_to)s -- unless is_of_all
    and board.{rank} > %(after)s
    and board.category = %(category)s -- if category
    and board.language = %(language)s -- if language
    and coalesce(board.profile_type, 'CREATOR') = %(profile_type)s -- if profile_type
    and board.country = %(country)s -- if country
    and (starts_with(lower(board.handle), %(q)s) or starts_with(lower(board.name), %(q)s)) -- if q
order by board.{rank}
limit %(limit)s
