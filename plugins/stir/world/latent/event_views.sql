-- Deliveries of (after, until]: each reading arrives after its delay, one in two hundred a second time. The longest way
-- is 12 days and 2 more for the repetition.
create or replace view world.profile_deliveries as
select
    *,
    arrayJoin(if(world_draw(stream, 'profile again', day, 200) = 0, [0, 1], [0])) as copy,
    at + world_delay(stream, 'profile event', day)
        + copy * (3600 + world_draw(stream, 'profile again after', day, 165600)) as arrived_at
from world.profile_readings(
    first = {first:Int64}, last = {last:Int64}, after = {after:Int64} - 1209600, until = {until:Int64})
where arrived_at > {after:Int64} and arrived_at <= {until:Int64};

create or replace view world.post_deliveries as
select
    *,
    arrayJoin(if(world_draw(post_key, 'post again', reading, 200) = 0, [0, 1], [0])) as copy,
    at + world_delay(post_key, 'post event', reading)
        + copy * (3600 + world_draw(post_key, 'post again after', reading, 165600)) as arrived_at
from world.post_readings(
    first = {first:Int64}, last = {last:Int64}, after = {after:Int64} - 1209600, until = {until:Int64})
where arrived_at > {after:Int64} and arrived_at <= {until:Int64};
