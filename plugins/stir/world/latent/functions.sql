-- The arithmetic of the world. Only + - * / sqrt and floor touch floats: their results are the same on every machine
-- and with every number of threads, which exp, log, pow and sin do not promise.

-- A hash of (key, stream, index). Every random draw of the world is one of these; nothing keeps a state.
create or replace function world_hash as (key, stream, i) -> cityHash64(key, stream, toInt64(i));

-- A whole number in [0, n).
create or replace function world_draw as (key, stream, i, n) -> toInt64(world_hash(key, stream, i) % n);

-- A float in [0, 1) with 53 bits.
create or replace function world_uniform as (key, stream, i)
    -> bitShiftRight(world_hash(key, stream, i), 11) / 9007199254740992.;

-- The odds u / (1 - u): log-logistic with shape 1, so odds raised to 1/k have a Pareto tail of index k.
create or replace function world_odds as (u) -> (u + 1e-9) / (1. - u);

-- The value whose cumulative weight is the first above `draw`; weights are cumulative, per mille.
create or replace function world_pick as (draw, weights, values) -> values[arrayFirstIndex(w -> w > draw, weights)];

-- One of the values, all alike.
create or replace function world_one_of as (key, stream, i, values)
    -> values[1 + world_hash(key, stream, i) % length(values)];

-- The part of the week that has gone, from Sunday 00:00.
create or replace function world_week_part as (at) -> positiveModulo(at - 259200, 604800) / 604800.;

-- Days since the tracking began, bent so that growth is quick at the weekend and slow in the middle of the week. Never
-- runs backwards: the slope is 1 + 0.6 (1 - 6w + 6w^2), which is 0.7 at least.
create or replace function world_bent_days as (at, start) ->
    (at - start) / 86400.
    + 4.2 * world_week_part(at) * (1 - world_week_part(at)) * (1 - 2 * world_week_part(at));

-- An account's level, relative to its level at the start, after `years` (may be negative).
create or replace function world_curve as (curve, pace, middle, years) -> multiIf(
    curve = 'steady', 1.,
    curve = 'logistic', 1 + ((years - middle) / pace) / sqrt(1 + ((years - middle) / pace) * ((years - middle) / pace)),
    curve = 'declining', 1 / (1 + pace * (years + 2)),
    years >= 0, 1 + pace * years,
    1 / (1 - pace * years));

-- How much of a one-off gain has come in, `days` after it began.
create or replace function world_arrived as (days, half_life) -> if(days > 0, days / (days + half_life), 0.);

-- Followers of an account at a moment: curve x youth + viral jump, with a daily wobble of a fraction of a per mille.
create or replace function world_followers as (at, born, start, base, curve, pace, middle, jump, jump_at, key) ->
    toInt64(floor(base * (
        world_curve(curve, pace, middle, world_bent_days(at, start) / 365.) * world_arrived((at - born) / 86400., 20.)
        + jump * world_arrived((at - jump_at) / 86400., 3.)
        ) * if(curve = 'steady', 1., 0.9998 + 0.0004 * world_uniform(key, 'wobble', intDiv(at, 86400)))));

-- The three significant digits that YouTube shows of a subscriber count.
create or replace function world_rounded as (n) ->
    intDiv(n, intExp10(greatest(length(toString(n)), 3) - 3)) * toInt64(intExp10(greatest(length(toString(n)), 3) - 3));

-- Seconds from the event to its row: minutes as a rule, 1.8 % beyond 4 hours, 0.2 % beyond 4 days (12 at most).
create or replace function world_delay as (key, stream, i) -> multiIf(
    world_draw(key, concat(stream, ' is late'), i, 1000) < 2, 345600 + world_draw(key, stream, i, 691200),
    world_draw(key, concat(stream, ' is late'), i, 1000) < 20, 14401 + world_draw(key, stream, i, 300000),
    60 + world_draw(key, stream, i, 1800));

-- A JSON object from names and values that are JSON already.
create or replace function world_json as (names, values) -> concat('{', arrayStringConcat(
    arrayMap((name, value) -> concat('"', name, '":', value), names, values), ','), '}');

-- A JSON number, or the same as quoted text, as some scrapers send it.
create or replace function world_json_number as (n, is_quoted) ->
    if(is_quoted, concat('"', toString(n), '"'), toString(n));

create or replace function world_time as (at) -> toDateTime(at, 'UTC');

-- A moment in the second that ends at `at`; the microseconds come from the key, so that times rarely meet.
create or replace function world_time64 as (at, key) ->
    fromUnixTimestamp64Micro(toInt64(at) * 1000000 - toInt64(key % 1000000), 'UTC');

create or replace function world_base64 as (hash) -> base64URLEncode(reinterpretAsFixedString(hash));

create or replace function world_iso as (at) -> formatDateTime(world_time(at), '%Y-%m-%dT%H:%i:%SZ');

create or replace function world_profile_id as (seed, creator) ->
    toString(1000000000 + creator * 48271 + world_draw(cityHash64(seed, 'creator', creator), 'profile id', 0, 48271));

create or replace function world_channel_id as (seed, creator) -> concat('UC', base64URLEncode(concat(
    reinterpretAsFixedString(intHash64(bitXor(toUInt64(creator), seed))),
    reinterpretAsFixedString(cityHash64(seed, 'creator', creator)))));

-- How many of `count` things that belong to no creator fall to the creators before `first`.
create or replace function world_share as (count, first, creators) ->
    toUInt64(intDiv(greatest(count, 0) * first, creators));

-- What happens every `every` seconds from `opening` up to `until`, shared out among the chunks of creators.
create or replace view world.ticks as
select toInt64(number) as tick, {opening:Int64} + tick * {every:Int64} as at
from numbers(
    world_share(intDiv({until:Int64} - {opening:Int64}, {every:Int64}) + 1, {first:Int64}, {creators:Int64}),
    world_share(intDiv({until:Int64} - {opening:Int64}, {every:Int64}) + 1, {last:Int64}, {creators:Int64})
    - world_share(intDiv({until:Int64} - {opening:Int64}, {every:Int64}) + 1, {first:Int64}, {creators:Int64}));

-- Whose followers are crawled: one Instagram profile in sixteen of those that are old enough. And how many of them in a
-- hundred are fakes.
create or replace function world_is_crawled as (key, platform, born_at, start) ->
    platform = 'INSTAGRAM' and world_draw(key, 'crawled', 0, 16) = 0 and born_at < start - 60 * 86400;

create or replace function world_fake_percent as (key) -> 3 + world_draw(key, 'fakes', 0, 50);
