{{
    config(
        materialized='incremental',
        engine='ReplacingMergeTree(_version)',
        order_by=['subscriber_id', 'channel_id'],
        unique_key=['subscriber_id', 'channel_id'],
        projections=[project_newest('ingested_at')],
        settings=merges_projections(),
        tags=['daily'],
    )
}}

-- Grain: one row per subscriber_id, channel_id for readers (ref_latest).
-- SQL: macros/data_request/collect_youtube_subscribers.sql
{{ collect_youtube_subscribers('events_stage') }}
