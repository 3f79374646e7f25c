-- What the filters of a board can be in its latest month.
select
    min(board.tableoid::oid::bigint)::oid as source,
    board.category,
    board.language,
    board.country
from {table} as board
where board.platform = %(platform)s
    and board.month = (select max(month) from {table} where platform = %(platform)s)
group by board.category, board.language, board.country
