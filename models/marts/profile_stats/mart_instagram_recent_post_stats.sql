{{ config(order_by=['profile_id', 'post_shortcode'], tags=['post_ranker']) }}

-- Grain: one row per post_shortcode.
-- SQL: macros/profile_stats/select_recent_instagram_posts.sql
{{ select_recent_instagram_posts('mart_instagram_all_posts_with_ranks') }}
