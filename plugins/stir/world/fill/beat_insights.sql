-- What the owners of connected profiles let us see. Counts follow the followers of the moment.
insert into beat_replica.instagram_profile_insights
select
    row_id as id,
    account_id as profile_id,
    if(changed_at >= renamed_at, next_handle, first_handle) as handle,
    world_time64(begun_at, key) as created_at,
    world_time64(changed_at, key) as updated_at,
    world_gender_age_json(counts, ['13-17', '18-24', '25-34', '35-44', '45-54', '55-64', '65+']) as audience_gender_age,
    -- A few documents are torn off.
    if(world_draw(key, 'torn', 0, 30) = 0, concat('{"', city, ', '), world_json(
        [concat(city, ', ', world_country_name(country)), 'Nagpur, Maharashtra', 'Noida, Uttar Pradesh',
            'Santos, São Paulo'],
        arrayMap(part -> toString(intDiv(level, part)), [5, 9, 11, 40]))) as audience_city,
    world_json([country, 'NP', 'OM'], arrayMap(part -> toString(intDiv(level, part)), [2, 9, 30])) as audience_country,
    world_json([concat(language, '_', country), 'en_NZ'], arrayMap(part -> toString(intDiv(level, part)), [2, 3]))
        as audience_locale,
    audience_country as reached_audience_country,
    audience_city as reached_audience_city,
    if(world_draw(key, 'reached', 0, 3) = 0, null, audience_gender_age) as reached_audience_gender_age,
    if(world_draw(key, 'engaged', 0, 3) = 0, null, audience_country) as engaged_audience_country,
    null as engaged_audience_city,
    null as engaged_audience_gender_age
from (
    select
        *,
        world_followers(changed_at, born_at, start, base, curve, pace, middle, jump, jump_at, stream) as level,
        20 + world_draw(key, 'male', 0, 60) as male,
        -- 21 cells: seven ages of men, of women, and of people who did not say.
        arrayMap((share, i) -> intDiv(level * share * multiIf(i < 8, male, i < 15, 95 - male, 5), 10000),
            [5, 30, 35, 15, 8, 4, 3, 5, 30, 35, 15, 8, 4, 3, 5, 30, 35, 15, 8, 4, 3], range(1, 22)) as counts
    from world.account_revisions(
        first = {first:Int64}, last = {last:Int64}, after = {after:Int64}, until = {until:Int64},
        every = 604800, what = 'insights')
    where is_connected
);

insert into beat_replica.youtube_profile_insights
select
    row_id as id,
    account_id as channel_id,
    world_time64(begun_at, key) as created_at,
    world_time64(changed_at, key) as updated_at,
    world_gender_age_json(
        arrayMap((share, i) -> round(share * multiIf(i < 8, male, i < 15, 98 - male, 2) / 100, 1),
            [4, 28, 34, 17, 9, 5, 3, 4, 28, 34, 17, 9, 5, 3, 4, 28, 34, 17, 9, 5, 3], range(1, 22)),
        ['age13-17', 'age18-24', 'age25-34', 'age35-44', 'age45-54', 'age55-64', 'age65-']) as gender_age,
    world_json([channels.city, 'Navi Mumbai', 'Nagpur', 'Noida'],
        [toString(1000 + world_draw(key, 'city views', 0, 9000)), '800', '700', '0']) as city,
    world_json([channels.country, 'NP', 'OM'],
        [toString(3000 + world_draw(key, 'country views', 0, 9000)), '900', '300']) as country
from (
    select *, 20 + world_draw(key, 'male', 0, 60) as male
    from world.account_revisions(
        first = {first:Int64}, last = {last:Int64}, after = {after:Int64}, until = {until:Int64},
        every = 604800, what = 'insights')
    where platform = 'YOUTUBE' and world_draw(key, 'connected channel', 0, 100) < 12
) as channels;

insert into beat_replica.credential
select
    row_id as id,
    concat(source, ':', account_id) as idempotency_key,
    if(platform = 'YOUTUBE', 'ytapi', 'graphapi') as source,
    if(changed_at >= renamed_at, next_handle, first_handle) as handle,
    world_draw(key, 'switched off', 0, 10) > 0 as enabled,
    world_draw(key, 'expired', revision, 12) = 0 as data_access_expired,
    if(world_draw(key, 'throttled', revision, 15) = 0, world_time64(changed_at + 86400, key), null) as disabled_till,
    world_time64(begun_at, key) as created_at,
    world_time64(changed_at, key) as updated_at
from world.account_revisions(
    first = {first:Int64}, last = {last:Int64}, after = {after:Int64}, until = {until:Int64},
    every = 2592000, what = 'credential')
where is_connected or (platform = 'YOUTUBE' and world_draw(key, 'connected channel', 0, 100) < 12);

-- Stored profile pictures; every two months the owner changes the picture and only asset_url and updated_at follow.
insert into beat_replica.asset_log
select
    row_id as id,
    account_id as entity_id,
    'PROFILE' as entity_type,
    platform,
    'IMAGE' as asset_type,
    concat('https://assets.example/profile/', account_id, '/', toString(revision), '.jpg') as asset_url,
    concat('https://cdn.example/ig/', account_id, '.jpg') as original_url,
    world_time64(begun_at, key) as created_at,
    world_time64(changed_at, key) as updated_at
from world.account_revisions(
    first = {first:Int64}, last = {last:Int64}, after = {after:Int64}, until = {until:Int64},
    every = 5184000, what = 'picture')
where world_draw(key, 'has picture', 0, 10) < 7;

-- Stored thumbnails of posts since the start.
insert into beat_replica.asset_log
select
    bitOr(bitShiftLeft(toInt64(1), 62), post_id) as id,
    shortcode as entity_id,
    'POST' as entity_type,
    platform,
    'IMAGE' as asset_type,
    concat('https://assets.example/post/', shortcode, '.jpg') as asset_url,
    concat('https://cdn.example/ig/p/', shortcode, '.jpg') as original_url,
    world_time64(at + 600, post_key) as created_at,
    created_at as updated_at
from world.post_readings(first = {first:Int64}, last = {last:Int64}, after = {after:Int64} - 600, until = {until:Int64})
where reading = 1 and published_at >= start and world_draw(post_key, 'has thumbnail', 0, 10) < 4
    and at + 600 > {after:Int64} and at + 600 <= {until:Int64};
