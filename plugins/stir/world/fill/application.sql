-- Creators that use the application: one in four, from some day on.
insert into identity_replica.social_account
select
    creator + 900000 as account_id,
    platform,
    -- The user's own spelling.
    if(world_draw(key, 'own spelling', 0, 10) = 0, upper(first_handle), first_handle) as handle,
    world_time(joined_at) as created_on
from (
    select *, greatest(born_at, horizon) + world_draw(key, 'joined', 0, 400 * 86400) as joined_at
    from world.account
    where creator >= {first:Int64} and creator < {last:Int64} and creator % 4 = 1
)
where joined_at > {after:Int64} and joined_at <= {until:Int64};

insert into identity_replica.host_profile
select
    creator + 900000 as user_client_account_id,
    if(world_draw(key, 'no interests', 0, 8) = 0, null, concat('[{"name":"', category, '"},{"name":"',
        world_category(world_draw(key, 'interest', 0, 1000)), '"}]')) as user_categories,
    lower(hex(cityHash64(key, 'engage'))) as webengage_user_id
from world.creator
where creator >= {first:Int64} and creator < {last:Int64} and creator % 4 = 1 and {after:Int64} = 0
    and born_at < {start:Int64};

-- Unique clicks of a link on each of its first 45 days; a day's row comes at 03:00 of the next.
insert into tracking.link_clicks
select
    url,
    toDate(world_time(day * 86400)) as d,
    toUInt64(floor(appeal * 12 / (12 + age) * (0.5 + world_uniform(key, 'clicks', age)))) as unique_clicks
from (
    select *, toInt64(arrayJoin(range(45))) as age, intDiv(opened_at, 86400) + age as day
    from world.links(
        seed = {seed:UInt64}, start = {start:Int64}, rhythm = {rhythm:Int64}, first = {first:Int64},
        last = {last:Int64}, creators = {creators:Int64}, until = {until:Int64})
)
where unique_clicks > 0
    and day * 86400 + 97200 > {after:Int64} and day * 86400 + 97200 <= {until:Int64};

-- Orders of a link, totalled ten days after it was opened.
insert into tracking.link_orders
select
    url as link,
    toInt64(floor(appeal / 4)) as overall_orders,
    toInt64(floor(appeal / 6)) as delivered_orders,
    toInt64(floor(appeal / 7)) as completed_orders,
    intDiv(overall_orders, 2) as leaderboard_overall_orders,
    intDiv(delivered_orders, 2) as leaderboard_delivered_orders,
    intDiv(completed_orders, 2) as leaderboard_completed_orders
from world.links(
    seed = {seed:UInt64}, start = {start:Int64}, rhythm = {rhythm:Int64}, first = {first:Int64}, last = {last:Int64},
    creators = {creators:Int64}, until = {until:Int64})
where appeal >= 24
    and opened_at + 864000 > {after:Int64} and opened_at + 864000 <= {until:Int64};
