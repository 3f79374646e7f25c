{{ config(order_by='id', tags=['staging_collections']) }}

-- Grain: one row per id. The feed holds the product account id as text; one that is no number is NULL here.
{{ select_profile_collection_items('staging') }}
