{{
    config(
        materialized='incremental',
        engine='ReplacingMergeTree(_version)',
        order_by=['platform_id', 'date'],
        partition_by='toYear(date)',
        query_settings={'do_not_merge_across_partitions_select_final': 1, 'optimize_aggregation_in_order': 0},
        meta={
            'slices': {
                'of': 'stg_beat_post_log',
                'by': 'profile_id',
                'where': "platform = 'YOUTUBE'",
            },
        },
        projections=[project_newest(['profile_ingested_at', 'posts_ingested_at'])],
        settings=merges_projections(),
        tags=['daily'],
    )
}}
-- Grain: one row per channel and Sunday week (read with FINAL).
-- SQL: macros/leaderboard/build_account_series.sql
{{ build_account_series('YOUTUBE', 'week') }}
