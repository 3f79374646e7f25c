{{ config(materialized='view', tags=['staging_collections']) }}

-- Grain: one row per collection_id, post_shortcode, date.
{{ select_collection_post_series('staging', 'POST', 'INSTAGRAM') }}
