-- When profiles are seen: once a day from the start on, once a week in the year before, with misses, nothing before
-- birth or after deletion, and for some accounts nothing in every sixth month. Slots between two moments.
create or replace view world.profile_slots as
with
    days as (
        select
            *,
            arrayJoin(range(
                intDiv(greatest({after:Int64}, horizon, born_at), 86400),
                1 + greatest(intDiv(least({until:Int64}, deleted_at), 86400),
                    intDiv(greatest({after:Int64}, horizon, born_at), 86400)))) as day,
            toInt64(day) * 86400 + world_draw(stream, 'hour', 0, 82800) + world_draw(stream, 'second', day, 1800) as at
        from world.account
        where creator >= {first:Int64} and creator < {last:Int64}
    )
select *
from days
where at > {after:Int64} and at <= {until:Int64}
    and at >= born_at and at >= horizon and at < deleted_at
    and (at >= start or (day + stream) % 7 = 0)
    and world_draw(stream, 'miss', day, 100) >= 2
    and toRelativeMonthNum(world_time(at)) % 6 != gap_month;

-- The same slots with what the scraper read there.
create or replace view world.profile_readings as
select
    *,
    if(at >= renamed_at, next_handle, first_handle) as handle,
    world_followers(at, born_at, start, base, curve, pace, middle, jump, jump_at, stream) as exact_followers,
    if(platform = 'YOUTUBE', world_rounded(exact_followers), exact_followers) as followers,
    greatest(following + intDiv(at - start, 864000), 0) as following_now,
    past_posts + least(greatest(intDiv(least(at, quiet_at) - post_from, post_every), 0), post_limit) as uploads,
    -- Lifetime views of a channel: never falls, speeds up with the followers.
    toInt64(floor(base * (40 + 60 * plays_ratio) * world_arrived((at - born_at) / 86400., 400.)
        + base * plays_ratio * 0.5 * greatest(world_bent_days(at, start) + 400, 0)
        + base * jump * 30 * world_arrived((at - jump_at) / 86400., 6.))) as lifetime_views
from world.profile_slots(first = {first:Int64}, last = {last:Int64}, after = {after:Int64}, until = {until:Int64});

-- Readings on a calendar of its own, as a vendor keeps it: every `every` seconds, `phase` after the epoch.
create or replace view world.profile_readings_at as
select
    *,
    if(at >= renamed_at, next_handle, first_handle) as handle,
    world_followers(at, born_at, start, base, curve, pace, middle, jump, jump_at, stream) as exact_followers,
    if(platform = 'YOUTUBE', world_rounded(exact_followers), exact_followers) as followers,
    greatest(following + intDiv(at - start, 864000), 0) as following_now,
    past_posts + least(greatest(intDiv(least(at, quiet_at) - post_from, post_every), 0), post_limit) as uploads,
    -- Lifetime views of a channel: never falls, speeds up with the followers.
    toInt64(floor(base * (40 + 60 * plays_ratio) * world_arrived((at - born_at) / 86400., 400.)
        + base * plays_ratio * 0.5 * greatest(world_bent_days(at, start) + 400, 0)
        + base * jump * 30 * world_arrived((at - jump_at) / 86400., 6.))) as lifetime_views
from (
    select
        *,
        toInt64(arrayJoin(range(
            greatest(intDiv(greatest({after:Int64}, born_at, start - 63072000) - {phase:Int64}, {every:Int64}), 0) as lowest,
            greatest(intDiv(least({until:Int64}, deleted_at) - {phase:Int64}, {every:Int64}) + 1, lowest)))) * {every:Int64}
            + {phase:Int64} as at
    from world.account
    where creator >= {first:Int64} and creator < {last:Int64} and platform = {platform:String}
)
where at > {after:Int64} and at <= {until:Int64} and at >= born_at and at < deleted_at;

-- The state of each account in its newest reading of (after, until], and for one account in a hundred also the state
-- before that, which the change feed delivered again. Deleted accounts keep their last state for ever. No account goes
-- longer than 45 days without a reading.
create or replace view world.account_states as
select *
from (
    select *, row_number() over (partition by creator, platform order by at desc) as age
    from world.profile_readings(
        first = {first:Int64}, last = {last:Int64}, after = {after:Int64}, until = {until:Int64})
    where at > least({until:Int64}, deleted_at) - 45 * 86400
)
where not is_unknown and (age = 1 or (age = 2 and world_draw(key, 'redelivered', 0, 100) = 0));
