{{
    config(
        materialized='incremental',
        incremental_strategy='insert_overwrite',
        order_by=['month', 'platform', 'profile_platform', 'platform_id'],
        partition_by='toYYYYMM(month)',
        group='leaderboard',
        access='public',
        meta={'slices': {'of': 'mart_instagram_leaderboard', 'by': 'month', 'weight': 16}},
        tags=['daily'],
    )
}}
-- Grain: one row per month, platform, profile_platform and platform_id that has a rank in this month and the one
-- before.
with movements as (
    select * from ({{ explain_board('mart_instagram_leaderboard', 'INSTAGRAM') | indent(4) }})
    union all
    select * from ({{ explain_board('mart_youtube_leaderboard', 'YOUTUBE') | indent(4) }})
    union all
    select * from ({{ explain_board('mart_cross_platform_leaderboard', 'ALL') | indent(4) }})
)

select
    month,
    platform,
    profile_platform,
    platform_id,
    month_state,
    rivals_gone,
    rivals_new,
    own_movement,
    others_movement,
    toDateTime({{ as_of() }}, 'UTC') as computed_as_of
from movements
