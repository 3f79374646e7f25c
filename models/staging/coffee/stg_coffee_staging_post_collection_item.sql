{{ config(order_by='id', tags=['staging_collections']) }}

-- Grain: one row per id.
{{ select_post_collection_items('staging') }}
