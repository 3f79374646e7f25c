{{
    config(
        materialized='incremental',
        incremental_strategy='insert_overwrite',
        order_by=['month', 'profile_id'],
        partition_by='toYYYYMM(month)',
        access='private',
        tags=['daily'],
    )
}}
-- Grain: one row per month and profile_id.
with series as (
    select
        date as month,
        platform_id as profile_id,
        followers,
        followers_change,
        views_total_change,
        uploads_total_change,
        uploads,
        plays,
        views,
        likes,
        comments,
        engagement,
        rated_posts,
        rated_engagement,
        watched_engagement,
        watched_views,
        engagement_ratio,
        engagement_by_views_ratio,
        last_event_at
    from {{ ref_latest('mart_time_series') }}
    where
        platform = 'INSTAGRAM'
        and monthly_stats
        and date <= {{ month_start(as_of()) }}
        and {{ is_month_to_build('date') }}
),

accounts as (
    select profile_id, handle, name, category, language, country, profile_type
    from {{ ref('mart_instagram_account') }}
),

attributes as (
    {{ select_attributes_of_month('profile_id') | indent(4) }}
)

select
    month,
    profile_id,
    handle,
    name,
    category,
    language,
    country,
    profile_type,
    {{ month_state('month') }} as month_state,
    followers,
    followers_change,
    views_total_change,
    uploads_total_change,
    views,
    plays,
    likes,
    comments,
    engagement,
    uploads,
    rated_posts,
    rated_engagement,
    watched_engagement,
    watched_views,
    engagement_ratio,
    engagement_by_views_ratio,
    toBool(coalesce(
        coalesce(handle, name) is not null
        and followers >= 1
        and (views > 0 or views_total_change > 0)
        and {{ is_in_market('country') }},
        false
    )) as is_eligible,
    last_event_at,
    toDateTime({{ as_of() }}, 'UTC') as computed_as_of
from series
inner join attributes using (month, profile_id)
