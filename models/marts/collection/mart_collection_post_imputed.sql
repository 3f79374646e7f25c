{{ config(order_by=['platform', 'post_shortcode', 'date'], tags=['collections']) }}

-- Grain: one row per platform, post_shortcode, date.
-- SQL: macros/collection/fill_collection_posts.sql
{{ fill_collection_posts('production') }}
