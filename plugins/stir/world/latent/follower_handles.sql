-- Handles and counts of followers, each from a key and of one kind of account.

create or replace function world_joint as (key) -> ['', '', '.', '_', '__'][1 + world_draw(key, 'joint', 0, 5)];

-- `count` digits, the first of them not 0.
create or replace function world_digits as (key, stream, count) -> toString(
    toInt64(intExp10(count - 1)) + world_draw(key, stream, 1, 9 * toInt64(intExp10(count - 1))));

-- How people name themselves: after their name, with numbers of all kinds, after what they love, or not at all.
create or replace function world_handle_kind as (key) -> world_pick(world_draw(key, 'handle kind', 0, 1000),
    [240, 420, 520, 590, 625, 695, 755, 815, 845, 905, 985, 1000],
    ['name', 'number', 'birth year', 'given and year', 'phone', 'initial', 'family first', 'prefix', 'suffix', 'given',
     'hobby', 'default']);

create or replace function world_person_handle as (given, family, key, kind) -> multiIf(
    kind = 'name', concat(given, world_joint(key), family),
    kind = 'number', concat(given, world_joint(key), family, toString(world_draw(key, 'number', 0, 1000))),
    kind = 'birth year', concat(given, world_joint(key), family, toString(1965 + world_draw(key, 'born', 0, 46))),
    kind = 'given and year', concat(given, world_joint(key), toString(1965 + world_draw(key, 'born', 0, 46))),
    kind = 'phone', concat(given, world_joint(key), world_digits(key, 'phone', 5 + world_draw(key, 'phone', 0, 6))),
    kind = 'initial', concat(substring(given, 1, 1), world_joint(key), family, world_digits(key, 'number', 2)),
    kind = 'family first', concat(family, world_joint(key), given),
    kind = 'prefix', concat(
        world_one_of(key, 'prefix', 0, ['the', 'its', 'iam', 'real', 'mr', 'miss']), world_joint(key), given,
        if(world_draw(key, 'prefix', 1, 2) = 0, '', family)),
    kind = 'suffix', concat(given, family, world_one_of(key, 'ending', 0, ['x', 'xo', '_official', '.art', '.fit'])),
    kind = 'given', concat('_', given, '_', substring(family, 1, 1)),
    kind = 'hobby', concat(
        world_one_of(key, 'hobby', 0, ['cricket', 'night', 'travel', 'chai', 'foodie', 'dream', 'music', 'bike', 'moon',
            'coffee', 'football', 'sunset', 'anime', 'yoga']),
        world_joint(key),
        world_one_of(key, 'hobby', 1, ['lover', 'owl', 'diaries', 'soul', 'addict', 'vibes', 'girl', 'boy', 'world']),
        if(world_draw(key, 'hobby', 2, 2) = 0, '', toString(world_draw(key, 'number', 2, 100)))),
    concat('user', world_digits(key, 'default', 8)));

-- Letters without sense, with fewer vowels than words have, sometimes with the digits that a machine adds.
create or replace function world_random_handle as (key) -> multiIf(
    world_draw(key, 'random', 0, 5) < 2, concat('qx_', lower(substring(hex(key), 1, 7))),
    world_draw(key, 'random', 0, 5) < 4,
    translate(lower(substring(hex(world_hash(key, 'letters', 0)), 1, 8 + world_draw(key, 'letters', 1, 5))),
        '0123456789abcdef', 'bcdfghjklmnaeotz'),
    concat(
        translate(lower(substring(hex(world_hash(key, 'letters', 0)), 1, 6)), '0123456789abcdef', 'qwrtpsdfghjkuixz'),
        world_digits(key, 'letters', 3)));

create or replace function world_shop_name as (key) -> concat(
    world_one_of(key, 'shop', 0, ['Global', 'Best', 'Super', 'Daily', 'Free', 'Smart', 'Top', 'Crypto']), ' ',
    world_one_of(key, 'shop', 1, ['Deals', 'Offers', 'Gifts', 'Trends', 'Store', 'Money', 'Fashion', 'Promo']));

-- Followers of a follower: most have some hundred; who has few may be real, and followers can be bought.
create or replace function world_follower_followers as (key, is_fake) -> toInt64(if(
    is_fake and world_draw(key, 'bought', 0, 100) < 62, world_draw(key, 'followers', 0, 60),
    if(is_fake and world_draw(key, 'bought', 0, 100) < 80, 300 + world_draw(key, 'followers', 2, 4000),
        floor(least(60 + 250 * world_odds(world_uniform(key, 'followers', 1)), 5e6))
        * (world_draw(key, 'quiet', 0, 100) >= 12) + world_draw(key, 'followers', 3, 40))));

-- And whom it follows: farms follow thousands, and so do one in eight people.
create or replace function world_follower_following as (key, is_fake) -> toInt64(if(
    world_draw(key, 'mass', 0, 100) < if(is_fake, 66, 12), 900 + world_draw(key, 'following', 0, 6500),
    100 + world_draw(key, 'following', 1, 1600)));
