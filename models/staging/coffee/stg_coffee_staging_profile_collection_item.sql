{{ config(order_by='id', tags=['staging_collections']) }}

-- Grain: one row per id. The feed holds the product account id as text; one that is no number is NULL here.
-- SQL: macros/collection/select_profile_collection_items.sql
{{ select_profile_collection_items('staging') }}
