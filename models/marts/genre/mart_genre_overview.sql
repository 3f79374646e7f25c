{{
    config(
        order_by=['month', 'platform', 'language', 'category', 'profile_type'],
        group='leaderboard',
        meta={'slices': {'of': 'mart_instagram_leaderboard_base', 'by': 'month', 'weight': 16}},
        tags=['daily'],
    )
}}

-- Grain: one row per month, platform, language, category and profile_type, each also ALL, over the market. Of the
-- leaderboard group, because the month bases are private to it.
-- SQL: macros/genre/summarise_genres.sql
{{ summarise_genres(everywhere=false) }}
