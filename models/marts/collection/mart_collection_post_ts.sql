{{
    config(
        order_by=['collection_id', 'collection_type', 'platform', 'post_shortcode', 'date'],
        tags=['collections'],
    )
}}

-- Grain: one row per collection_id, collection_type, platform, post_shortcode, date.
{{ unite_collection_post_series('production') }}
