-- Lists of posts and of profiles. A new list is opened every `rhythm` seconds; a post or profile that joins one picks
-- among the twenty newest. Lists grow in number with the world.
-- The newest list at a moment.
create or replace function world_list as (at, start, rhythm) -> intDiv(at - start + 5184000, rhythm);

create or replace function world_uuid as (key) -> lower(concat(
    substring(hex(key), 1, 8), '-', substring(hex(key), 9, 4), '-4', substring(hex(intHash64(key)), 2, 3), '-a',
    substring(hex(intHash64(key)), 6, 3), '-', substring(hex(cityHash64(key)), 1, 12)));

-- One of the three short links of a post collection, without its scheme.
create or replace function world_link as (collection_id, n) ->
    concat('lnk.example/', lower(hex(toUInt32(cityHash64(collection_id, toInt64(n))))));

create or replace view world.collections as
select
    tick as list,
    cityHash64({seed:UInt64}, {kind:String}, list) as key,
    world_uuid(key) as uuid,
    at as opened_at,
    -- Lists are edited once, some weeks after they were opened.
    arrayJoin([0, 1]) as edit,
    opened_at + edit * (864000 + world_draw(key, 'edited', 0, 2592000)) as changed_at,
    opened_at + 864000 + world_draw(key, 'edited', 0, 2592000) > {until:Int64} as is_unedited,
    1 + world_draw(key, 'partner', 0, 40) as partner_id,
    world_one_of(key, 'season', 0, ['Diwali', 'Summer', 'Launch', 'Back to school', 'Réveillon', 'Monsoon'])
        as season
from world.ticks(
    first = {first:Int64}, last = {last:Int64}, creators = {creators:Int64}, opening = {start:Int64} - 5184000,
    every = {rhythm:Int64}, until = {until:Int64})
where changed_at > {after:Int64} and changed_at <= {until:Int64}
    and (edit = 1 or is_unedited or world_draw(key, 'redelivered list', 0, 100) = 0);

-- The product's own row of an account, again when its handle changes. One account in thirty is unknown to the product.
create or replace view world.product_accounts as
select
    *,
    creator + 500000 as product_id,
    greatest(born_at, horizon) + 172800 as added_at,
    arrayJoin(if(renamed_at < 4000000000 and renamed_at > added_at, [0, 1], [0])) as edit,
    if(edit = 1, renamed_at + 86400, added_at) as changed_at,
    if(edit = 1, next_handle, first_handle) as handle,
    renamed_at + 86400 <= {until:Int64} as is_edited
from world.account
where creator >= {first:Int64} and creator < {last:Int64} and world_draw(key, 'in product', 0, 30) > 0
    and changed_at > {after:Int64} and changed_at <= {until:Int64}
    and (edit = 1 or not is_edited or renamed_at <= added_at or world_draw(key, 'redelivered product', 0, 20) = 0);

-- The short links of the post collections.
create or replace view world.links as
select
    tick as list,
    world_uuid(cityHash64({seed:UInt64}, 'post collection', list)) as collection_id,
    toInt64(arrayJoin([0, 1, 2])) as n,
    world_link(collection_id, n) as url,
    cityHash64(url) as key,
    at as opened_at,
    -- A link that nobody used, and links that went round.
    if(world_draw(key, 'unused', 0, 12) = 0, 0., 20 + 60 * world_odds(world_uniform(key, 'appeal', 0))) as appeal
from world.ticks(
    first = {first:Int64}, last = {last:Int64}, creators = {creators:Int64}, opening = {start:Int64} - 5184000,
    every = {rhythm:Int64}, until = {until:Int64});
