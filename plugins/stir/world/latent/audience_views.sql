-- Followers that a crawl of one Instagram profile in sixteen returned: 40 to 800 each, real and fake. The truth of
-- `is_fake` is known here only; models see names, handles and counts.
create or replace view world.followers as
with
    targets as (
        select
            *,
            least(40 + world_draw(key, 'sample', 0, 760), toInt64(base)) as sampled,
            world_fake_percent(key) as fake_percent,
            start - 50 * 86400 + world_draw(key, 'crawl', 0, 45 * 86400) as crawled_at,
            if(crawled_at >= renamed_at, next_handle, first_handle) as crawled_handle
        from world.account
        where creator >= {first:Int64} and creator < {last:Int64}
            and world_is_crawled(key, platform, born_at, start)
    ),
    drawn as (
        select
            *,
            toInt64(arrayJoin(range(sampled))) as i,
            cityHash64(key, 'follower', i) as follower_key,
            world_draw(follower_key, 'fake', 0, 100) < fake_percent as is_fake,
            -- What gives a fake away: 0 a foreign script, 1 digits, 2 a name that does not fit the handle, 3 nothing.
            if(is_fake, world_draw(follower_key, 'trait', 0, 4), -1) as trait,
            world_country(world_draw(follower_key, 'country', 0, 1000)) as any_country,
            if(world_draw(follower_key, 'abroad', 0, 5) = 0, any_country, country) as follower_country,
            world_name_group(follower_country) as name_group,
            -- Fakes of a farm share names.
            if(is_fake and trait = 3, cityHash64(key, i % 2), follower_key) as name_key,
            world_given_name(name_group, name_key) as given,
            world_family_name(name_group, name_key) as family
        from targets
    )
select
    *,
    toInt64(700000000000) + row_id * 1000 + i as follower_id,
    multiIf(
        trait = 1, concat('user', toString(10000000 + world_draw(follower_key, 'digits', 0, 80000000))),
        trait = 2, concat('qx_', lower(substring(hex(follower_key), 1, 7))),
        concat(tupleElement(given, 1), ['', '.', '_'][1 + i % 3], tupleElement(family, 1),
            toString(world_draw(follower_key, 'suffix', 0, 900)))) as follower_handle,
    multiIf(
        trait = 0, ['Ελένη Παπά', 'გიორგი', '王伟', '최서윤'][1 + world_draw(follower_key, 'script', 0, 4)],
        trait = 2, 'Global Deals',
        world_draw(follower_key, 'one word', 0, 4) = 0, initcap(tupleElement(given, 1)),
        -- Real people have middle initials, farms do not trouble.
        concat(initcap(tupleElement(given, 1)), if(is_fake, ' ', concat(' ',
            substring('ABCDEFGHIJKLMNOPQRSTUVWXYZ', 1 + world_draw(follower_key, 'initial', 0, 26), 1), ' ')),
            initcap(tupleElement(family, 1)))) as follower_name,
    toInt64(if(is_fake, world_draw(follower_key, 'followers', 0, 15),
        floor(least(60 + 250 * world_odds(world_uniform(follower_key, 'followers', 1)), 5e6)))) as follower_followers,
    toInt64(if(is_fake, 900 + world_draw(follower_key, 'following', 0, 6500),
        100 + world_draw(follower_key, 'following', 1, 1600))) as follower_following
from drawn;
