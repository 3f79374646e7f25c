{{ config(materialized='view', tags=['collections']) }}

-- Grain: one row per collection_id, post_shortcode, date.
{{ select_collection_post_series('production', 'POST', 'YOUTUBE') }}
