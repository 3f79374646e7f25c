{{ config(materialized='view', tags=['staging_collections']) }}

-- Grain: one row per collection_id, post_shortcode, date.
-- SQL: macros/collection/select_collection_post_series.sql
{{ select_collection_post_series('staging', 'POST', 'YOUTUBE') }}
