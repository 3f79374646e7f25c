{{ config(order_by=['profile_id', 'post_shortcode'], tags=['post_ranker']) }}

-- Grain: one row per post_shortcode.
-- SQL: macros/profile_stats/rank_instagram_posts.sql
{{ rank_instagram_posts('mart_instagram_all_posts') }}
