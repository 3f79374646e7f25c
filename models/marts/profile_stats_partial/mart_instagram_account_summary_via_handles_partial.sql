{{ config(materialized='view', tags=['post_ranker_partial']) }}

-- Grain: one row per handle.
-- SQL: macros/profile_stats/key_summary_by_handle.sql
{{ key_summary_by_handle('mart_instagram_account_summary_partial', reads_final=true) }}
