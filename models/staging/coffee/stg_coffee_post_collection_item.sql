{{ config(order_by='id', tags=['collections']) }}

-- Grain: one row per id.
{{ select_post_collection_items('production') }}
