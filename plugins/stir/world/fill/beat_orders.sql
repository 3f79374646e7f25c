-- Orders in the shops of brands, one every few minutes for the whole world. Stages: placed, fulfilled, fulfilled again,
-- cancelled. Some are fulfilled at midnight exactly, so that one is exactly seven days old at any midnight.
insert into beat_replica.`order`
with
    placed as (
        select
            tick as number,
            cityHash64({seed:UInt64}, 'order', number) as key,
            at as placed_at,
            placed_at + 3600 + world_draw(key, 'fulfilled', 0, 432000) as roughly_fulfilled_at,
            if(number % 10 = 0, intDiv(roughly_fulfilled_at, 86400) * 86400 + 86400, roughly_fulfilled_at)
                as fulfilled_at,
            world_draw(key, 'fate', 0, 100) as fate,
            multiIf(
                fate < 70, [placed_at, fulfilled_at],
                fate < 76, [placed_at, fulfilled_at, fulfilled_at + 172800],
                fate < 84, [placed_at, placed_at + 7200],
                fate < 88, [placed_at, fulfilled_at, fulfilled_at + 259200],
                [placed_at]) as all_moments,
            arrayFilter(moment -> moment <= {until:Int64}, all_moments) as moments,
            arrayJoin(arrayEnumerate(moments)) as stage,
            moments[stage] as changed_at,
            multiIf(fate < 76, stage - 1, fate >= 84 and fate < 88, least(stage, 2) - 1, 0) as fulfilments,
            (fate >= 76 and fate < 84 and stage = 2) or (fate >= 84 and fate < 88 and stage = 3) as is_cancelled
        from world.ticks(
            first = {first:Int64}, last = {last:Int64}, creators = {creators:Int64}, opening = {start:Int64} - 2592000,
            every = intDiv({rhythm:Int64}, 20), until = {until:Int64})
        -- An order changes for nine days at most.
        where placed_at > {after:Int64} - 864000
    )
select
    number + 1 as id,
    'shopify' as platform,
    toString(5000000000 + number) as platform_order_id,
    multiIf(is_cancelled, 'CANCELLED', fulfilments > 0, 'FULFILLED', 'OPEN') as status,
    concat('#', toString(1000 + number)) as name,
    concat('store-', toString(number % 7)) as store,
    concat('Store ', toString(number % 7)) as store_name,
    concat('/products/', toString(number % 90), '?utm_source=', utm_source) as landing_site,
    if(utm_source = '', null, concat('{"source":"', utm_source, '","medium":"creator","campaign":"',
        lower(hex(toUInt32(key))), '"}')) as utm_params,
    concat('{"name":"', name, '","total_price":"', toString(100 + world_draw(key, 'price', 0, 9000)), '.',
        leftPad(toString(world_draw(key, 'paise', 0, 100)), 2, '0'), '","tags":"', if(number % 3 = 0, 'gcc, first', ''),
        '","created_at":"', world_iso(placed_at), '","updated_at":"', world_iso(changed_at), '","cancelled_at":',
        if(is_cancelled, concat('"', world_iso(changed_at), '"'), 'null'), ',"fulfillments":[',
        arrayStringConcat(arrayMap(
            i -> concat('{"status":"', if(number % 29 = 0, 'pending', 'success'), '","created_at":"',
                world_iso(fulfilled_at + i * 172800), '"}'), range(toUInt64(fulfilments))), ','), ']}') as order_data,
    world_time64(placed_at, key) as created_at,
    world_time64(changed_at, key) as updated_at
from (
    select *,
        ['gcc', 'gcc', 'gcc', 'gcc', 'gcc', 'gcc', 'google', 'instagram', ''][1 + world_draw(key, 'utm', 0, 9)]
            as utm_source
    from placed
)
where changed_at > {after:Int64} and changed_at <= {until:Int64}
    and (stage = length(moments) or (stage + 1 = length(moments) and world_draw(key, 'redelivered', 0, 100) = 0));
