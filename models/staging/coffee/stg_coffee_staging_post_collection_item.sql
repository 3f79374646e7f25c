{{ config(order_by='id', tags=['staging_collections']) }}

-- Grain: one row per id.
-- SQL: macros/collection/select_post_collection_items.sql
{{ select_post_collection_items('staging') }}
