{{
    config(
        materialized='incremental',
        event_time='created_at',
        engine='ReplacingMergeTree(_version)',
        order_by='id',
        sharding_key='cityHash64(id)',
        unique_key='id',
        projections=[project_newest('changed_at')],
        settings=merges_projections(),
        tags=['core'],
    )
}}

-- Grain: one row per id for readers (ref_latest). Full history of crawl jobs; the feed has no updated_at, so the
-- version is the latest time at which something happened to the job.
with requests as (
    {{ select_scrape_requests('scrape_request_log', ingested_since(changed_at('feed'), 'changed_at')) | indent }}
),

history as (
    select
        *,
        -- At one moment a job goes forward, and a further try comes after the one before.
        {{ delivery_order(
            'changed_at', "least(retry_count, 1000000) * 4 + indexOf(['PROCESSING', 'FAILED', 'COMPLETE'], status)",
            'requests.*'
        ) }} as _version
    from requests
)

{{ select_latest('history', 'id', '_version') }}
