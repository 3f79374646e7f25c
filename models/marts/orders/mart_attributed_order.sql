{{ config(order_by=['platform', 'platform_order_id'], tags=['orders']) }}

-- Grain: one row per platform, platform_order_id: orders placed until as_of() by visitors who came through our links,
-- without those that a shop placed to try itself.
with orders as (
    select * from {{ ref_latest('stg_beat_order') }}
),

-- What had happened to the order by as_of(), so that a day in the past can be built again.
attributed as (
    select
        *,
        arrayFilter(time -> time <= {{ as_of() }}, fulfilment_times) as done,
        coalesce(ordered_at, created_at) as placed_at,
        if(cancelled_at <= {{ as_of() }}, cancelled_at, null) as called_off_at,
        if(empty(done), null, done[1]) as first_fulfilled_at,
        if(
            empty(done) or called_off_at is not null,
            null,
            done[-1] + interval {{ var('delivery_days') }} day
        ) as expected_at
    from orders
    where
        utm_source = '{{ var("attributed_utm_source") }}'
        and coalesce(ordered_at, created_at) <= {{ as_of() }}
        and not coalesce(is_test, false)
)

select
    platform,
    platform_order_id,
    name,
    store,
    store_name,
    landing_site,
    utm_medium,
    utm_campaign,
    multiIf(
        called_off_at is not null, 'CANCELLED',
        first_fulfilled_at is null, 'PENDING',
        expected_at <= {{ as_of() }}, 'DELIVERED',
        'CONFIRMED'
    ) as status,
    total_price,
    toUInt32(length(done)) as fulfilment_count,
    assumeNotNull(placed_at) as ordered_at,
    first_fulfilled_at as confirmed_at,
    expected_at as delivery_estimated_at,
    called_off_at as cancelled_at,
    updated_at
from attributed
