{{ config(materialized='view', tags=['post_ranker_partial']) }}

-- Grain: one row per post_shortcode, of accounts that changed in the last 24 hours.
-- SQL: macros/profile_stats/join_instagram_post_ranks.sql
{{ join_instagram_post_ranks('mart_instagram_all_posts_partial', 'mart_instagram_post_ranks_partial') }}
