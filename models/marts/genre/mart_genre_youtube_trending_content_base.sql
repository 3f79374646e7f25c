{{
    config(
        materialized='incremental',
        incremental_strategy='insert_overwrite',
        order_by=['month', 'category', 'shortcode'],
        partition_by='toYYYYMM(month)',
        access='private',
        tags=['daily'],
    )
}}

-- Grain: one row per month, category and shortcode.
-- SQL: macros/genre/select_trending_content.sql
{{ select_trending_content('YOUTUBE') }}
