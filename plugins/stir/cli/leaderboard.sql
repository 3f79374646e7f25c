-- The top of the Instagram leaderboard for its latest month, as an application reads it.
with latest as (
    select
        (select max(month) from leaderboard where platform = 'INSTAGRAM') as month,
        (select max(date) from social_profile_time_series where platform = 'INSTAGRAM' and not monthly_stats) as week
),
followers_by_week as (
    select platform_id, array_agg(followers order by date) as followers
    from social_profile_time_series
    where platform = 'INSTAGRAM' and not monthly_stats and followers is not null
        and date > (select week from latest) - interval '12 weeks'
    group by platform_id
)
select
    board.followers_rank as rank,
    board.followers_rank_prev - board.followers_rank as movement,
    coalesce('@' || board.handle, board.name) as creator,
    board.category,
    board.country,
    board.followers,
    board.views,
    round(100 * board.engagement_ratio::numeric, 2) as engagement_pct,
    series.followers as followers_by_week,
    board.crosses_definition_change,
    board.month
from leaderboard as board
join latest on latest.month = board.month
left join followers_by_week as series on series.platform_id = board.platform_id
where board.platform = 'INSTAGRAM' and board.followers_rank <= 10
order by board.followers_rank;
