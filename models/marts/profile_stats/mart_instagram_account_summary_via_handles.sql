{{ config(materialized='view', tags=['post_ranker']) }}

-- Grain: one row per handle.
{{ key_summary_by_handle('mart_instagram_account_summary') }}
