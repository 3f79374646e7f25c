-- Every store, with the change of an order up to which all is known; of a store without orders nothing is. A store whose
-- credentials are all switched off, expired or paused is skipped. Stores that moved longest ago first.
with
    credentials as (
        select
            lower(handle) as shop,
            any(handle) as spelling,
            max(
                is_enabled
                and not is_data_access_expired
                and ifNull(disabled_until_at <= {as_of:DateTime64(6, 'UTC')}, true)
            ) as lets_us_in
        from stg_beat_credential
        where source = 'shopify' and handle is not null
        group by shop
    ),

    known as (
        select any(store) as spelling, lower(store) as shop, max(updated_at) as known_until
        from stg_beat_order
        where platform = 'SHOPIFY' and store is not null
        group by shop
    )

select
    assumeNotNull(ifNull(known.spelling, credentials.spelling)) as entity,
    0 as priority,
    concat(replaceOne(toString(toDateTime(ifNull(known_until, toDateTime64(0, 6, 'UTC')), 'UTC')), ' ', 'T'), 'Z')
        as updated_at_min
from known
full join credentials on known.shop = credentials.shop
-- A store that sends orders and has no credential here is one whose credential was not replicated yet.
where ifNull(credentials.lets_us_in, true)
order by ifNull(known_until, toDateTime64(0, 6, 'UTC')), entity
