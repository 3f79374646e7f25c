{#- A model's body. The columns of both crawl-job tables (full history and recent window), up to and without a where
    clause; `since` is a condition on the rows of the feed. changed_at (macro changed_at) stands for the updated_at that
    the feed does not have. -#}
{% macro select_scrape_requests(source_table, since='true') -%}
with requests as (
    select
        feed.id,
        {{ clean_text('feed.idempotency_key') }} as idempotency_key,
        {{ clean_text('feed.account_id') }} as account_id,
        upper({{ clean_text('feed.platform') }}) as platform,
        {{ clean_text('feed.source') }} as source,
        {{ clean_text('feed.flow') }} as flow,
        upper(trimBoth(feed.status)) as status,
        {{ clean_text(mend_json("coalesce(feed.params, '')")) }} as params,
        {{ clean_text('feed.data') }} as result,
        nullIf(extract(coalesce(feed.data, ''), '^\\(([0-9]+)'), '') as error_code,
        feed.priority,
        {{ clean_count('feed.retry_count') }} as retry_count,
        coalesce({{ clean_time('feed.created_at') }}, toDateTime64(0, 6, 'UTC')) as created_at,
        {{ clean_time('feed.picked_at') }} as picked_at,
        {{ clean_time('feed.scraped_at') }} as scraped_at,
        {{ clean_time('feed.expires_at') }} as expires_at,
        {{ changed_at('feed') | indent(4) }} as changed_at
    from {{ source('beat_replica', source_table) }} as feed
    -- What a job of an unknown status has come to nobody knows: it is refused.
    where
        upper(trimBoth(feed.status)) in ('PENDING', 'PROCESSING', 'COMPLETE', 'FAILED')
        and {{ since | indent(8) }}
)

select
    id,
    idempotency_key,
    account_id,
    platform,
    source,
    flow,
    status,
    params,
    result,
    if(status = 'FAILED', error_code, null) as error_code,
    priority,
    retry_count,
    created_at,
    picked_at,
    scraped_at,
    expires_at,
    changed_at
from requests
{%- endmacro %}
