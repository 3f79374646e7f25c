{{ config(order_by=['platform', 'post_shortcode', 'date'], tags=['collections']) }}

-- Grain: one row per platform, post_shortcode, date.
{{ fill_collection_posts('production') }}
