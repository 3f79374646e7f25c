-- Who lives in the world. One row per creator in [first, last).
insert into world.creator
with
    people as (
        select
            toInt64(number) as creator,
            cityHash64({seed:UInt64}, 'creator', creator) as key,
            -- Every 37th creator repeats the numbers of the one before: exact ties that rankings must order.
            if(creator % 37 = 5, creator - 1, creator) as twin,
            cityHash64({seed:UInt64}, 'creator', twin) as twin_key,
            -- Two peer groups of exactly 100 and 101 Instagram profiles, in worlds that are large enough.
            creator > 5000 and creator <= 5201 as is_counted,
            if(is_counted, 0, world_draw(twin_key, 'platforms', 0, 100)) as platforms,
            multiIf(not is_counted, world_country(world_draw(key, 'country', 0, 1000)), creator <= 5100, 'NZ', 'IE')
                as country,
            world_language(country, world_draw(key, 'language', 0, 1000)) as language,
            if(is_counted, 'Travel', world_category(world_draw(key, 'category', 0, 1000))) as category,
            world_name_group(country) as name_group,
            world_given_name(name_group, key) as given,
            world_family_name(name_group, key) as family,
            if(world_draw(key, 'brand', 0, 100) < 10, 'BRAND', 'CREATOR') as profile_type
        from numbers({first:UInt64}, {last:UInt64} - {first:UInt64})
    )
select
    creator,
    key,
    twin,
    twin_key,
    platforms < 60 or platforms >= 75 as has_instagram,
    platforms >= 60 as has_youtube,
    country,
    if(world_draw(key, 'no country', 0, 100) < 5 and not is_counted, null, country) as known_country,
    language,
    if(world_draw(key, 'no language', 0, 100) < 8, null, language) as known_language,
    category,
    if(world_draw(key, 'no category', 0, 100) < 7 and not is_counted, null, category) as known_category,
    if(world_draw(key, 'no type', 0, 100) < 2, null, profile_type) as profile_type,
    if(world_draw(key, 'gender', 0, 2) = 0, 'MALE', 'FEMALE') as gender,
    world_city(country, key) as city,
    name_group,
    concat(
        tupleElement(given, 2), ' ', if(profile_type = 'BRAND', category, tupleElement(family, 2)),
        [' ✨', ' 🇮🇳', ' ❤️', '', '', '', '', '', '', ''][1 + world_draw(key, 'emoji', 0, 10)]) as full_name,
    concat(
        tupleElement(given, 1), ['.', '_', ''][1 + world_draw(key, 'separator', 0, 3)],
        if(profile_type = 'BRAND', 'official', tupleElement(family, 1)), toString(creator)) as handle_stem,
    world_profile_id({seed:UInt64}, creator) as profile_id,
    world_channel_id({seed:UInt64}, creator) as channel_id,
    -- One in eight opened around the time of the tracking: first-month accounts, and a few that are not born yet.
    if(
        world_draw(twin_key, 'newborn', 0, 8) = 0 and not is_counted,
        {start:Int64} - 200 * 86400 + world_draw(twin_key, 'born', 0, 300 * 86400),
        {start:Int64} - 500 * 86400 - world_draw(twin_key, 'born', 0, 3000 * 86400)) as born_at,
    is_counted
from people;
