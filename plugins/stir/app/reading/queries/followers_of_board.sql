-- Followers by week of the creators on the page (part rows), in the 12 weeks up to the end of the board's month.
select
    series.tableoid as source,
    series.platform_id,
    array_agg(series.followers order by series.date) as followers
from {table} as series
where not series.monthly_stats
    and (series.platform, series.platform_id) in (
        select case profile_platform when 'IA' then 'INSTAGRAM' else 'YOUTUBE' end, platform_id from part_rows
    )
    and series.date < (select max(month) from part_rows) + interval '1 month'
    and series.date >= (select max(month) from part_rows) + interval '1 month' - interval '12 weeks'
group by series.tableoid, series.platform, series.platform_id
