{{ config(materialized='view', tags=['staging_collections']) }}

-- Grain: one row per id: which YouTube channel a product account stands for.
-- SQL: macros/collection/select_youtube_account_lite.sql
{{ select_youtube_account_lite('staging') }}
