{{ config(group='leaderboard') }}
-- The stored flags are those of the seed of today. A row that is added to it later does not reach rows that are built
-- already: build mart_time_series with --full-refresh, and the months of the boards again (docs/backfill.md).
select
    platform,
    monthly_stats,
    date,
    crosses_definition_change
from {{ ref_latest('mart_time_series') }}
where
    crosses_definition_change != (
        (platform, monthly_stats, date) in (
            select
                platform,
                true,
                toStartOfMonth(from_date)
            from {{ ref('metric_definition') }}
            where metric = 'views'
            union all
            select
                platform,
                false,
                toStartOfWeek(from_date, 0)
            from {{ ref('metric_definition') }}
            where metric = 'views'
        )
    )
union all
select
    platform,
    true as monthly_stats,
    month as date,
    crosses_definition_change
from {{ ref('mart_leaderboard') }}
where
    crosses_definition_change != (
        (platform, month) in (
            select
                arrayJoin([platform, 'ALL']) as board,
                toStartOfMonth(from_date) as month
            from {{ ref('metric_definition') }}
            where metric = 'views'
        )
    )
