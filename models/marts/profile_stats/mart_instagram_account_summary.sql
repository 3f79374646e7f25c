{{ config(order_by='profile_id', tags=['post_ranker']) }}

-- Grain: one row per profile_id.
-- SQL: macros/profile_stats/summarise_instagram_accounts.sql
{{ summarise_instagram_accounts('mart_instagram_recent_post_stats') }}
