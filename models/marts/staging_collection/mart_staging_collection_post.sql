{{
    config(
        order_by=['collection_id', 'collection_type', 'platform', 'post_shortcode'],
        pre_hook=['{{ create_link_order_history() }}', '{{ record_link_orders() }}'],
        tags=['staging_collections'],
    )
}}

-- Grain: one row per collection_id, collection_type, platform, post_shortcode.
-- SQL: macros/collection/summarise_collection_posts.sql
{{ summarise_collection_posts('staging') }}
