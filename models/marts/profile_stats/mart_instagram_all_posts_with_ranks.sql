{{ config(materialized='view', tags=['post_ranker']) }}

-- Grain: one row per post_shortcode.
-- SQL: macros/profile_stats/join_instagram_post_ranks.sql
{{ join_instagram_post_ranks('mart_instagram_all_posts', 'mart_instagram_post_ranks') }}
