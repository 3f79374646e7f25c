{{ config(materialized='view', tags=['account_tracker_stats']) }}

-- Grain: one row per channel_id whose relationships were asked for: what came of it, over the full log.
with attempts as (
    {{ select_scrape_attempts('refresh_yt_profile_relationship', 'channel_id') | indent }}
)

select
    entity as channel_id,
    last_outcome,
    toUInt32(attempts.attempts) as attempts,
    toUInt32(errors_since_success) as errors_since_success,
    greatest(
        coalesce(last_attempt_at, toDateTime64(0, 6, 'UTC')),
        coalesce(last_passing_at, toDateTime64(0, 6, 'UTC'))
    ) as last_tried_at,
    last_success_at,
    {{ quarantined_until('attempts') }} as quarantined_until
from attempts
