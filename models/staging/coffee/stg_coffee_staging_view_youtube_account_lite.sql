{{ config(materialized='view', tags=['staging_collections']) }}

-- Grain: one row per id: which YouTube channel a product account stands for.
{{ select_youtube_account_lite('staging') }}
