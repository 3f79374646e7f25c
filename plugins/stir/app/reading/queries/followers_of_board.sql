-- Followers by week of the creators on the page (part rows), in the 12 weeks up to the end of the board's month. The
-- index gives the weeks of each in their order; weeks of all that are sorted together take three times as long.
select
    weeks.source,
    board.platform_id,
    weeks.followers
from part_rows as board
cross join lateral (
    select
        max(series.tableoid) as source,
        array_agg(series.followers order by series.date) as followers
    from {table} as series
    where not series.monthly_stats
        and series.platform = case board.profile_platform when 'IA' then 'INSTAGRAM' else 'YOUTUBE' end
        and series.platform_id = board.platform_id
        and series.date < board.month + interval '1 month'
        and series.date >= board.month + interval '1 month' - interval '12 weeks'
) as weeks
where weeks.source is not null
