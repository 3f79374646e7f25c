{{ config(materialized='view', tags=['collections']) }}

-- Grain: one row per collection_id, platform, post_shortcode, date.
{{ unite_collection_post_series('production', 'post') }}
