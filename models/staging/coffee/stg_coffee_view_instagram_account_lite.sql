{{ config(materialized='view', tags=['hourly']) }}

-- Grain: one row per id: which Instagram profile a product account stands for.
{{ select_instagram_account_lite('production') }}
