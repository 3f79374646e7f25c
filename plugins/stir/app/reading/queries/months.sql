-- The months of a board, newest first. Each is found by its index: the table has many rows a month.
with recursive months as (
    (select board.tableoid as source, board.month from {table} as board where board.platform = %(platform)s
    order by board.month desc limit 1)
    union all
    select next.source, next.month
    from months
    cross join lateral (
        select board.tableoid as source, board.month from {table} as board
        where board.platform = %(platform)s and board.month < months.month
        order by board.month desc limit 1
    ) as next
)
select source, month from months
