{{
    config(
        order_by='id',
        tags=['recent_scl'],
    )
}}

-- Grain: one row per id. Jobs asked for, begun or done in the last 24 hours: the crawler at a glance.
-- SQL: macros/staging/select_scrape_requests.sql
{{ select_scrape_requests('recent_scrape_request_log') }}
where
    greatest(
        created_at,
        coalesce(picked_at, created_at),
        coalesce(scraped_at, created_at)
    ) >= {{ as_of() }} - interval 24 hour
    and {{ ingested_until('changed_at') }}
{{ keep_latest('id', 'changed_at', ties=['scraped_at', 'picked_at', 'retry_count', 'status']) }}
