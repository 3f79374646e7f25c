-- Followers that a crawl of one Instagram profile in sixteen returned: 40 to 800 each, real and fake. The truth of
-- `is_fake` is known here only; models see names, handles and counts. `is_labelled_fake` is what somebody said who
-- looked at each account and was wrong about three in two hundred.
-- It has steps, because what a step names is analysed once, and an expression each time that another one uses it.
create or replace view world.followers as
with
    targets as (
        select
            *,
            least(40 + world_draw(key, 'sample', 0, 760), toInt64(base)) as sampled,
            world_fake_percent(key) as fake_percent,
            start - 50 * 86400 + world_draw(key, 'crawl', 0, 45 * 86400) as crawled_at,
            if(crawled_at >= renamed_at, next_handle, first_handle) as crawled_handle,
            -- One creator in four is followed from another country than his own.
            if(world_draw(key, 'audience', 0, 4) = 0,
                world_one_of(key, 'audience', 1, ['GR', 'CN', 'RU', 'EG']), country) as audience_country,
            -- To one in three a farm delivered a fifteenth of the sample at once.
            if(world_draw(key, 'burst', 0, 3) = 0, world_draw(key, 'burst', 1, greatest(sampled, 1)), sampled)
                as burst_from,
            burst_from + intDiv(sampled, 15) as burst_until,
            cityHash64(salt, 'farm', world_draw(key, 'farm', 0, 8)) as farm_key
        from world.account
        where creator >= {first:Int64} and creator < {last:Int64}
            and world_is_crawled(key, platform, born_at, start)
    ),
    people as (
        select
            *,
            toInt64(arrayJoin(range(sampled))) as i,
            cityHash64(key, 'follower', i) as follower_key,
            i >= burst_from and i < burst_until as is_in_burst,
            world_draw(follower_key, 'fake', 0, 100) < if(is_in_burst, 90, fake_percent) as is_fake,
            is_fake != (world_draw(follower_key, 'label', 0, 1000) < 15) as is_labelled_fake,
            -- What gives a fake away: 0 a foreign script, 1 digits, 2 a name that does not fit the handle, 3 a name
            -- that a farm gave to many, 4 nothing: name and handle are those of somebody real.
            multiIf(
                not is_fake, -1,
                is_in_burst, 3,
                world_pick(world_draw(follower_key, 'trait', 1, 100), [18, 42, 66, 90, 100], [0, 1, 2, 3, 4])) as trait,
            ['real', 'foreign script', 'digits', 'misfitting name', 'shared name', 'copied name'][trait + 2] as kind,
            world_country(world_draw(follower_key, 'country', 0, 1000)) as any_country,
            multiIf(
                world_draw(follower_key, 'abroad', 0, 5) > 0, audience_country,
                world_draw(follower_key, 'far', 0, 8) = 0, world_one_of(follower_key, 'far', 1, ['GR', 'CN', 'RU']),
                any_country) as follower_country,
            -- Farms have a dozen names, of the country for which they sell.
            if(trait = 3, cityHash64(farm_key, world_draw(follower_key, 'farm name', 0, 12)), follower_key) as name_key,
            world_names_of(if(trait = 3, audience_country, follower_country), name_key) as names_of
        from targets
    ),
    drawn as (
        select
            *,
            world_follower_given(names_of, name_key) as given,
            world_follower_family(names_of, name_key) as family,
            -- A script that is not the audience's.
            world_one_of(follower_key, 'script', 0, if(audience_country in ('GR', 'CN', 'KR', 'JP'),
                [('elene', 'ელენე'), ('giorgi', 'გიორგი'), ('anahit', 'Անահիտ'), ('armen', 'Արմեն')],
                [('eleni', 'Ελένη Παπά'), ('giorgi', 'გიორგი'), ('wangwei', '王伟'), ('seoyun', '최서윤'),
                 ('anahit', 'Անահիտ'), ('nikos', 'Νίκος Παππάς'), ('lina', '李娜')])) as strange,
            world_draw(follower_key, 'native', 0, 100) < world_native_percent(names_of) as is_native,
            world_draw(name_key, 'one word', 0, 100) < 20 as is_one_word,
            world_handle_kind(follower_key) as handle_kind,
            -- Real people and fakes alike: a middle initial, an ornament, an emoji.
            if(world_draw(follower_key, 'initial', 0, 8) = 0, concat(' ',
                substring('ABCDEFGHIJKLMNOPQRSTUVWXYZ', 1 + world_draw(follower_key, 'initial', 1, 26), 1), ' '), ' ')
                as joined_by,
            tupleElement(given, 1) as first,
            tupleElement(family, 1) as second,
            initcap(if(is_one_word, first, concat(first, joined_by, second))) as latin_name,
            world_native_name(names_of, tupleElement(given, 2), tupleElement(family, 2), is_one_word) as native_name,
            world_draw(follower_key, 'ornament', 0, 100) as ornament,
            tupleElement(world_follower_given(names_of, farm_key), 1) as first_of_another,
            tupleElement(world_follower_family(names_of, farm_key), 1) as second_of_another
        from people
    ),
    named as (
        select
            *,
            toInt64(700000000000) + row_id * 1000 + i as follower_id,
            multiIf(
                trait = 0 and world_draw(follower_key, 'alias', 0, 10) < 4,
                concat(tupleElement(strange, 1), world_joint(follower_key), world_digits(follower_key, 'number', 2)),
                trait = 1 and world_draw(follower_key, 'alias', 0, 10) < 5,
                concat('user', world_digits(follower_key, 'digits', 8)),
                trait = 1,
                concat(first, world_digits(follower_key, 'digits', 5 + world_draw(follower_key, 'digits', 0, 5))),
                trait = 2 and world_draw(follower_key, 'alias', 0, 10) < 8, world_random_handle(follower_key),
                -- The handle of somebody else.
                trait = 2, world_person_handle(first_of_another, second_of_another, follower_key, 'number'),
                trait = 3 and world_draw(follower_key, 'alias', 0, 10) < 6,
                concat(first, world_joint(follower_key), second,
                    world_digits(follower_key, 'number', 3 + world_draw(follower_key, 'digits', 0, 2))),
                world_person_handle(first, second, follower_key, handle_kind)) as follower_handle,
            multiIf(
                trait = 0, tupleElement(strange, 2),
                trait = 2 and world_draw(follower_key, 'shop', 2, 10) < 4, world_shop_name(follower_key),
                is_native, native_name,
                ornament < 3, world_ornate(latin_name),
                latin_name) as plain_name,
            concat(plain_name,
                if(ornament >= 94, world_one_of(follower_key, 'emoji', 0, [' ✨', ' ❤️', ' 🔥', ' 🦋']), '')
            ) as follower_name
        from drawn
    )
select
    *,
    -- Whether the handle is made from the name that is shown.
    trait not in (0, 2) and not startsWith(follower_handle, 'user') and (trait > 0 or handle_kind != 'hobby')
        as is_fitting,
    world_follower_followers(follower_key, is_fake) as follower_followers,
    world_follower_following(follower_key, is_fake) as follower_following
from named;
