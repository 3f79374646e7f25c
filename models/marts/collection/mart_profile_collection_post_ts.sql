{{ config(materialized='view', tags=['collections']) }}

-- Grain: one row per collection_id, platform, post_shortcode, date.
-- SQL: macros/collection/unite_collection_post_series.sql
{{ unite_collection_post_series('production', 'profile') }}
