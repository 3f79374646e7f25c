{{
    config(
        order_by=['collection_id', 'collection_type', 'platform', 'post_shortcode'],
        tags=['collections'],
    )
}}

-- Grain: one row per collection_id, collection_type, platform, post_shortcode.
{{ summarise_collection_posts('production') }}
