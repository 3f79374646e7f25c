-- Each reading arrives after its delay, one in two hundred a second time: 12 days later at the latest, and two more for
-- the repetition.
insert into events.profile_log_events
select
    concat('profile-', account_id, '-', toString(day)) as event_id,
    if(platform = 'YOUTUBE', ['ytapi', 'youtube138'][1 + draw % 2],
        if(is_connected, 'graphapi', ['rapidapi_ig', 'rocketapi', 'instagram_scraper2'][1 + draw % 3])) as source,
    platform,
    account_id as profile_id,
    if(platform = 'YOUTUBE', account_id, handle) as handle,
    -- A few clocks run ahead by more than a year.
    world_time(at + if(is_broken and day % 40 = 0, 400 * 86400, 0)) as event_timestamp,
    world_time(arrived_at) as insert_timestamp,
    multiIf(
        is_broken and day % 40 = 10, concat('{"followers":', toString(followers), ',"following"'),
        is_broken and day % 40 = 20 and platform = 'INSTAGRAM', '{"followers":-1,"following":12}',
        platform = 'YOUTUBE', concat('{',
            if(is_hidden, '', concat('"subscriber_count":', world_json_number(followers, is_quoted), ',')),
            '"view_count":', world_json_number(shown_views, is_quoted),
            ',"video_count":', world_json_number(uploads, is_quoted), '}'),
        concat('{"followers":', world_json_number(followers, is_quoted),
            ',"following":', world_json_number(following_now, is_quoted), '}')) as metrics,
    '{}' as dimensions
from (
    select
        *,
        world_draw(stream, 'source', day, 60) as draw,
        draw < 4 as is_quoted,
        -- A correction downwards, taken back with the next reading.
        if(world_draw(stream, 'profile correction', day, 200) = 0, intDiv(lifetime_views * 97, 100), lifetime_views)
            as shown_views,
        arrayJoin(if(world_draw(stream, 'profile again', day, 200) = 0, [0, 1], [0])) as copy,
        at + world_delay(stream, 'profile event', day)
            + copy * (3600 + world_draw(stream, 'profile again after', day, 165600)) as arrived_at
    from world.profile_readings(
        first = {first:Int64}, last = {last:Int64}, after = {after:Int64} - 1209600, until = {until:Int64})
)
where arrived_at > {after:Int64} and arrived_at <= {until:Int64};

-- A language model's guesses: the handle stands where the profile id should.
insert into events.profile_log_events
select
    concat('guess-', version, '-', account_id) as event_id,
    concat('openapi_profile_info_', version) as source,
    'INSTAGRAM' as platform,
    first_handle as profile_id,
    first_handle as handle,
    world_time(guessed_at) as event_timestamp,
    world_time(arrived_at) as insert_timestamp,
    '{}' as metrics,
    if(version = 'v0.12',
        concat('{"city":"', if(is_vague, 'Not specified', city), '","state":"', if(is_vague, 'NA', city),
            '","country":"',
            multiIf(is_vague, 'Global', is_listed, concat(country_name, '/United States'), country_name),
            '","languages":', if(is_listed, concat('["', language, '","en"]'), concat('"', language, '"')),
            ',"gender":"', if(is_vague, 'Unknown', gender), '"}'),
        concat('{"audience_gender_age":', world_json(
                ['18-24 male', '18-24 female', '25-34 male', '25-34 female', '35-44 male', '35-44 female'],
                arrayMap(n -> toString(n), [young_men, 45 - young_men, young_men + 5, 45 - young_men, 3, 2])),
            ',"audience_city":{"', city, '":50,"Nagpur":20,"Noida":15',
            if(is_listed, ',"Nashik":5,"Agra":5,"Thane":5', ''), '}}')) as dimensions
from (
    select
        *,
        arrayJoin(['v0.11', 'v0.12']) as version,
        start - 120 * 86400 + world_draw(key, version, 0, 200 * 86400) as guessed_at,
        guessed_at + world_delay(key, version, 0) as arrived_at,
        world_country_name(country) as country_name,
        if(world_draw(key, 'guessed gender', 0, 2) = 0, 'MALE', 'FEMALE') as gender,
        world_draw(key, 'vague', 0, 10) = 0 as is_vague,
        world_draw(key, 'listed', 0, 5) = 0 as is_listed,
        5 + world_draw(key, 'young', 0, 30) as young_men
    from world.account
    where creator >= {first:Int64} and creator < {last:Int64} and platform = 'INSTAGRAM'
)
where world_draw(key, version, 1, 10) < 4 and guessed_at > born_at
    and arrived_at > {after:Int64} and arrived_at <= {until:Int64};

insert into events.post_log_events
select
    concat('post-', shortcode, '-', toString(reading)) as event_id,
    if(platform = 'YOUTUBE', ['ytapi', 'youtube138'][1 + draw % 2],
        if(is_connected, 'graphapi', ['rapidapi_ig', 'rocketapi', 'instagram_scraper2'][1 + draw % 3])) as source,
    platform,
    account_id as profile_id,
    if(platform = 'YOUTUBE', account_id, handle) as handle,
    shortcode,
    if(format = 'story' and world_draw(post_key, 'no time', 0, 10) = 0, null, world_time(published_at)) as publish_time,
    world_time(at + if(is_broken and n % 40 = 0, 400 * 86400, 0)) as event_timestamp,
    world_time(arrived_at) as insert_timestamp,
    multiIf(
        is_broken and n % 40 = 1, concat('{"likes":', toString(likes), ',"comm'),
        is_broken and n % 40 = 2, '{"likes":-5,"comments":-1}',
        platform = 'YOUTUBE', concat('{"view_count":', world_json_number(plays, is_quoted),
            if(hides_likes, '', concat(',"likes":', world_json_number(likes, is_quoted))),
            ',"comments":', world_json_number(comments, is_quoted), flags, '}'),
        format = 'story', concat('{"reach":', world_json_number(reach, is_quoted), ',"impressions":',
            world_json_number(toInt64(floor(reach * 1.13)), is_quoted), ',"replies":', toString(intDiv(reach, 400)),
            if(draw % 2 = 0, ',"tap_forward":', ',"taps_forward":'), toString(intDiv(reach * 7, 10)),
            if(draw % 2 = 0, ',"tap_back":', ',"taps_back":'), toString(intDiv(reach, 20)),
            if(draw % 2 = 0, ',"tap_exit":', ',"exits":'), toString(intDiv(reach, 9)),
            if(draw % 2 = 0, ',"swipe_up":', ',"swipe_ups":'), toString(intDiv(reach, 500)), '}'),
        concat('{"likes":', world_json_number(likes, is_quoted), ',"comments":', world_json_number(comments, is_quoted),
            if(format = 'reels', concat(',"play_count":', world_json_number(plays, is_quoted), ',"view_count":',
                world_json_number(intDiv(plays * 4, 5), is_quoted)), ''),
            if(is_connected, concat(',"reach":', world_json_number(reach, is_quoted), ',"impressions":',
                world_json_number(toInt64(floor(reach * 1.13)), is_quoted),
                ',"shares":', toString(shares), if(draw % 2 = 0, ',"saved":', ',"saves":'), toString(saves)), ''),
            flags, '}')) as metrics,
    multiIf(
        world_draw(post_key, 'tags', 0, 12) = 0,
            concat('{"user_tags":[{"user":{"username":"friend.of.', handle, '"}},{"user":{"username":"brand_',
                toString(world_draw(post_key, 'tagged', 0, 50)), '"}}]}'),
        world_draw(post_key, 'place', 0, 10) = 0, if(source = 'rocketapi',
            concat('{"location":{"name":"', city, ', ', world_country_name(country), '","lat":19.07,"lng":72.87}}'),
            concat('{"location":"', city, ', ', world_country_name(country),
                '","location_lat":"19.07","location_long":72.87}')),
        '{}') as dimensions
from (
    select
        *,
        world_draw(post_key, 'source', reading, 60) as draw,
        draw < 4 as is_quoted,
        world_post_flags(platform, hides_likes, closes_comments) as flags,
        arrayJoin(if(world_draw(post_key, 'post again', reading, 200) = 0, [0, 1], [0])) as copy,
        at + world_delay(post_key, 'post event', reading)
            + copy * (3600 + world_draw(post_key, 'post again after', reading, 165600)) as arrived_at
    from world.post_readings(
        first = {first:Int64}, last = {last:Int64}, after = {after:Int64} - 1209600, until = {until:Int64})
)
where arrived_at > {after:Int64} and arrived_at <= {until:Int64};
