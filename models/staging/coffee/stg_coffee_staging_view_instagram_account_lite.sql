{{ config(materialized='view', tags=['staging_collections']) }}

-- Grain: one row per id: which Instagram profile a product account stands for.
-- SQL: macros/collection/select_instagram_account_lite.sql
{{ select_instagram_account_lite('staging') }}
