{{
    config(
        materialized='incremental',
        engine='ReplacingMergeTree(computed_at)',
        order_by='profile_id',
        unique_key='profile_id',
        tags=['post_ranker_partial'],
    )
}}

-- Grain: one row per profile_id for readers (ref_latest): the newest summary of every account that ever changed.
-- A run appends the accounts that changed in its last 24 hours and keeps what earlier runs knew of the others.
-- SQL: macros/profile_stats/summarise_instagram_accounts.sql
{{ summarise_instagram_accounts('mart_instagram_recent_post_stats_partial') }}
