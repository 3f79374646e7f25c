{{ config(materialized='view', tags=['post_ranker']) }}

-- Grain: one row per post_shortcode.
{{ join_instagram_post_ranks('mart_instagram_all_posts', 'mart_instagram_post_ranks') }}
