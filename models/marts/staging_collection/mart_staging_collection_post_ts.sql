{{
    config(
        order_by=['collection_id', 'collection_type', 'platform', 'post_shortcode', 'date'],
        tags=['staging_collections'],
    )
}}

-- Grain: one row per collection_id, collection_type, platform, post_shortcode, date.
-- SQL: macros/collection/unite_collection_post_series.sql
{{ unite_collection_post_series('staging') }}
