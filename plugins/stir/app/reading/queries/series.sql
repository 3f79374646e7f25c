-- The levels and changes of one account by period. A period without an observation has no row.
select
    series.tableoid as source,
    series.date,
    series.followers,
    series.following,
    series.views_total,
    series.uploads_total,
    series.followers_change,
    series.views,
    series.uploads,
    series.plays,
    series.likes,
    series.comments,
    series.engagement,
    series.engagement_ratio,
    series.crosses_definition_change,
    series.last_event_at
from {table} as series
where series.platform = %(platform)s
    and series.platform_id = %(platform_id)s
    and series.monthly_stats = %(monthly)s
    and series.date >= %(first)s::date -- if first
    and series.date <= %(last)s::date -- if last
order by series.date
limit 1000
