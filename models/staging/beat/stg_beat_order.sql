{{
    config(
        materialized='incremental',
        engine='ReplacingMergeTree(_version)',
        order_by=['platform', 'platform_order_id'],
        sharding_key='cityHash64(platform_order_id)',
        unique_key=['platform', 'platform_order_id'],
        projections=[project_newest('updated_at')],
        settings=merges_projections(),
        tags=['orders'],
    )
}}

-- Grain: one row per platform, platform_order_id for readers (ref_latest). The shop's document is taken apart here and
-- goes no further: it holds personal data.
with parsed as (
    select
        feed.id as order_row_id,
        assumeNotNull(upper({{ clean_key('feed.platform') }})) as platform,
        assumeNotNull({{ clean_key('feed.platform_order_id') }}) as platform_order_id,
        upper({{ clean_text('feed.status') }}) as status,
        {{ clean_text('feed.name') }} as name,
        {{ clean_text('feed.store') }} as store,
        {{ clean_text('feed.store_name') }} as store_name,
        {{ clean_text('feed.landing_site') }} as landing_site,
        {{ mend_json("coalesce(feed.utm_params, '')") }} as utm_params,
        {{ mend_json("coalesce(feed.order_data, '')") }} as order_data,
        -- Shops write the price as text or as a number.
        {{ clean_price('trimBoth(' ~ member_text('order_data', 'total_price') ~ ')') }} as total_price,
        arraySort(arrayMap(
            done -> assumeNotNull(done.2),
            arrayFilter(
                done -> lower(trimBoth(done.1)) = 'success',
                arrayMap(
                    -- A success whose time cannot be read was no later than the row's last change.
                    fulfilment -> (
                        JSONExtractString(fulfilment, 'status'),
                        coalesce({{ parse_time(member_text('fulfilment', 'created_at')) }}, {{ version_at('feed') }})
                    ),
                    JSONExtractArrayRaw(order_data, 'fulfillments')
                )
            )
        )) as fulfilment_times,
        {{ clean_time('feed.created_at') }} as created_at,
        {{ version_at('feed') }} as updated_at,
        {{ delivery_order(version_at('feed'), 'feed.id', 'feed.*') }} as _version
    from {{ source('beat_replica', 'order') }} as feed
    where
        {{ clean_key('feed.platform') }} is not null
        and {{ clean_key('feed.platform_order_id') }} is not null
        and {{ ingested_since(version_at('feed'), 'updated_at') }}
)

select
    platform,
    platform_order_id,
    order_row_id,
    status,
    name,
    store,
    store_name,
    landing_site,
    lower({{ clean_text("JSONExtractString(utm_params, 'source')") }}) as utm_source,
    lower({{ clean_text("JSONExtractString(utm_params, 'medium')") }}) as utm_medium,
    {{ clean_text("JSONExtractString(utm_params, 'campaign')") }} as utm_campaign,
    total_price,
    {{ clean_texts("splitByChar(',', JSONExtractString(order_data, 'tags'))") }} as tags,
    toUInt32(JSONLength(order_data, 'fulfillments')) as fulfilment_count,
    fulfilment_times,
    {{ parse_time(member_text('order_data', 'created_at')) }} as ordered_at,
    {{ parse_time(member_text('order_data', 'cancelled_at')) }} as cancelled_at,
    cast(lower({{ member_text('order_data', 'test') }}) in ('true', '1', 'yes') as Bool) as is_test,
    created_at,
    updated_at,
    _version
from parsed
{{ keep_latest(['platform', 'platform_order_id'], '_version') }}
