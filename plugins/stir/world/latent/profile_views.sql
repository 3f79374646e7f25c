-- When the scraper reads a profile on a day, if it does: once a day from the start on, once a week in the year before,
-- with misses, nothing before birth or after deletion, and for some accounts nothing in every sixth month.
create or replace function world_read_at as (stream, day) ->
    day * 86400 + world_draw(stream, 'hour', 0, 82800) + world_draw(stream, 'second', day, 1800);

create or replace function world_is_read as (at, day, stream, start, horizon, born_at, deleted_at, gap_month) ->
    at >= greatest(born_at, horizon) and at < deleted_at
    and (at >= start or (day + stream) % 7 = 0)
    and world_draw(stream, 'miss', day, 100) >= 2
    and toRelativeMonthNum(world_time(at)) % 6 != gap_month;

-- What stands on a profile at a moment.
create or replace function world_handle as (at, renamed_at, first_handle, next_handle) ->
    if(at >= renamed_at, next_handle, first_handle);

create or replace function world_shown as (platform, followers) ->
    if(platform = 'YOUTUBE', world_rounded(followers), followers);

create or replace function world_following as (at, start, following) ->
    greatest(following + intDiv(at - start, 864000), 0);

create or replace function world_uploads as (at, quiet_at, post_from, post_every, post_limit, past_posts) ->
    past_posts + least(greatest(intDiv(least(at, quiet_at) - post_from, post_every), 0), post_limit);

-- Lifetime views of a channel: never fall, and jump with the followers.
create or replace function world_lifetime_views as (at, born_at, start, base, plays_ratio, jump, jump_at) ->
    toInt64(floor(
        base * (40 + 60 * plays_ratio) * world_arrived((at - born_at) / 86400., 400.)
        + base * plays_ratio * 0.5 * greatest(world_bent_days(at, start) + 400, 0)
        + base * jump * 30 * world_arrived((at - jump_at) / 86400., 6.)));

-- Every reading in (after, until].
create or replace view world.profile_readings as
with
    days as (
        select
            *,
            toInt64(arrayJoin(range(
                intDiv(greatest({after:Int64}, horizon, born_at), 86400) as lowest,
                1 + greatest(intDiv(least({until:Int64}, deleted_at), 86400), lowest)))) as day,
            world_read_at(stream, day) as at
        from world.account
        where creator >= {first:Int64} and creator < {last:Int64}
    )
select
    *,
    world_handle(at, renamed_at, first_handle, next_handle) as handle,
    world_shown(platform, world_followers(at, born_at, start, base, curve, pace, middle, jump, jump_at, stream))
        as followers,
    world_following(at, start, following) as following_now,
    world_uploads(at, quiet_at, post_from, post_every, post_limit, past_posts) as uploads,
    world_lifetime_views(at, born_at, start, base, plays_ratio, jump, jump_at) as lifetime_views
from days
where at > {after:Int64} and at <= {until:Int64}
    and world_is_read(at, day, stream, start, horizon, born_at, deleted_at, gap_month);

-- Each account at its newest reading of (after, until], and one account in a hundred also at the reading before, which
-- the change feed delivered again. Deleted accounts keep their last state. Nobody goes unread for more than 45 days.
create or replace view world.account_states as
with
    remembered as (
        select
            *,
            intDiv(least({until:Int64}, deleted_at), 86400) as last_day,
            arraySlice(
                arrayFilter(
                    moment -> moment.2 <= {until:Int64} and moment.2 > {after:Int64}
                        and world_is_read(moment.2, moment.1, stream, start, horizon, born_at, deleted_at, gap_month),
                    arrayMap(d -> (toInt64(d), world_read_at(stream, toInt64(d))), range(last_day - 45, last_day + 1))),
                if(world_draw(key, 'redelivered', 0, 100) = 0, -2, -1)) as kept,
            arrayJoin(kept) as moment,
            moment.1 as day,
            moment.2 as at
        from world.account
        where creator >= {first:Int64} and creator < {last:Int64} and not is_unknown
    )
select
    *,
    world_handle(at, renamed_at, first_handle, next_handle) as handle,
    world_shown(platform, world_followers(at, born_at, start, base, curve, pace, middle, jump, jump_at, stream))
        as followers,
    world_following(at, start, following) as following_now,
    world_uploads(at, quiet_at, post_from, post_every, post_limit, past_posts) as uploads,
    world_lifetime_views(at, born_at, start, base, plays_ratio, jump, jump_at) as lifetime_views
from remembered;

-- Accounts on a calendar of its own, as a vendor keeps it: every `every` seconds, `phase` after the epoch, from two
-- years before the start on.
create or replace view world.profile_calendar as
with
    dated as (
        select
            *,
            toInt64(arrayJoin(range(
                greatest(intDiv(greatest({after:Int64}, born_at, start - 63072000) - {phase:Int64}, {every:Int64}), 0)
                    as lowest,
                greatest(intDiv(least({until:Int64}, deleted_at) - {phase:Int64}, {every:Int64}) + 1, lowest))))
                * {every:Int64} + {phase:Int64} as at
        from world.account
        where creator >= {first:Int64} and creator < {last:Int64} and platform = {platform:String}
    )
select
    *,
    world_handle(at, renamed_at, first_handle, next_handle) as handle,
    world_shown(platform, world_followers(at, born_at, start, base, curve, pace, middle, jump, jump_at, stream))
        as followers,
    world_uploads(at, quiet_at, post_from, post_every, post_limit, past_posts) as uploads,
    world_lifetime_views(at, born_at, start, base, plays_ratio, jump, jump_at) as lifetime_views
from dated
where at > {after:Int64} and at <= {until:Int64} and at >= born_at and at < deleted_at;
