{{ config(order_by=['profile_id', 'post_shortcode'], tags=['post_ranker']) }}

-- Grain: one row per post_shortcode.
{{ select_instagram_posts() }}
