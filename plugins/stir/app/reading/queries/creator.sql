-- A creator's months on the boards, newest first.
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
    board.followers,
    board.followers_change,
    board.views,
    board.plays,
    board.likes,
    board.comments,
    board.engagement,
    board.uploads,
    board.engagement_ratio,
    board.current_month_ranks as ranks,
    board.last_month_ranks as previous_ranks,
    board.crosses_definition_change,
    board.computed_as_of
from {table} as board
where board.platform_id = %(platform_id)s
    and board.profile_platform = %(profile_platform)s
    and board.platform = any(%(boards)s)
order by board.month desc, board.platform
limit 200
