{{
    config(
        materialized='incremental',
        event_time='created_at',
        engine='ReplacingMergeTree(changed_at)',
        order_by='id',
        unique_key='id',
        tags=['core'],
    )
}}

-- Grain: one row per id for readers (ref_latest). Full history of crawl jobs; the feed has no updated_at, so the
-- version is the latest time at which something happened to the job.
with history as (
    {{ select_scrape_requests('scrape_request_log') | indent }}
    where {{ ingested_since('changed_at') }}
)

{{ select_latest('history', 'id', 'changed_at', ties=['scraped_at', 'picked_at', 'retry_count', 'status']) }}
