{{ config(order_by=['platform', 'post_shortcode', 'date'], tags=['staging_collections']) }}

-- Grain: one row per platform, post_shortcode, date.
{{ fill_collection_posts('staging') }}
