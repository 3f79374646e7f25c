{{ config(order_by=['profile_id', 'post_shortcode'], tags=['post_ranker']) }}

-- Grain: one row per post_shortcode.
-- SQL: macros/profile_stats/select_instagram_posts.sql
{{ select_instagram_posts() }}
