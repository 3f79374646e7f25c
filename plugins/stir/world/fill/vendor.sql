-- Frozen dumps: they describe the world before the start and come with the making only.
insert into vendor.social_profiles
with
    known as (
        select c.*, world_draw(key, 'vendor link', 0, 100) as link,
            world_odds(world_uniform(key, 'vendor male', 0)) as odds,
            round(100 * odds / (1 + odds), 2) as male,
            arrayJoin(if(link < 3, [0, 1], [0])) as copy
        from world.creator as c
        where creator >= {first:Int64} and creator < {last:Int64} and has_youtube and {after:Int64} = 0
            and born_at < {start:Int64}
    ),
    bucketed as (
        select *, round(male * 0.1, 2) as m, round((100 - male) * 0.1, 2) as f, link % 5 != 0 as has_demography
        from known
    )
select
    channel_id as youtube_userid,
    -- A link may be missing, and the repeated row of some channels names a wrong profile.
    multiIf(not has_instagram or link > 80, '', copy = 1, toString(toInt64(profile_id) + 1), profile_id)
        as instagram_userid,
    if(instagram_userid = '', '', handle_stem) as instagram_username,
    coalesce(known_country, '') as country,
    coalesce(known_language, '') as language,
    toString(indexOf(
        ['Fashion', 'Beauty', 'Food & Drinks', 'Travel', 'Gaming', 'Music', 'Comedy', 'Education', 'Technology',
         'Fitness', 'Sports', 'Films', 'Finance', 'Parenting', 'Arts & Craft', 'Automobile', 'Animals', 'DIY',
         'People & Culture'], category)) as ccatid,
    world_youtube_label(category) as youtube_category,
    '' as contacts_email,
    '' as contacts_phone,
    if(has_demography, male, null),
    if(has_demography, 100 - male, null),
    if(has_demography, m, null),
    if(has_demography, m * 4, null),
    if(has_demography, m * 3, null),
    if(has_demography, m, null),
    if(has_demography, m / 2, null),
    if(has_demography, m / 4, null),
    if(has_demography, m / 4, null),
    if(has_demography, f, null),
    if(has_demography, f * 4, null),
    if(has_demography, f * 3, null),
    if(has_demography, f, null),
    if(has_demography, f / 2, null),
    if(has_demography, f / 4, null),
    if(has_demography, f / 4, null)
from bucketed
where link < 70 or not has_instagram;

-- One file of channel snapshots each Sunday at 03:00, also after the start.
insert into vendor.youtube_channels
select
    account_id as id,
    title,
    concat(title, ' — ', world_youtube_label(category)) as description,
    concat('@', handle) as custom_url,
    coalesce(known_country, '') as country,
    concat('https://yt.example/', account_id, '/default.jpg') as thumbnail,
    toString(uploads) as video_count,
    toString(lifetime_views) as view_count,
    if(is_hidden, '', toString(followers)) as subscriber_count,
    toString(world_time(at)) as last_updated_at,
    toDate(world_time(at)) as snapshot_date
from world.profile_calendar(
    first = {first:Int64}, last = {last:Int64}, after = {after:Int64}, until = {until:Int64}, every = 604800,
    phase = 270000, platform = 'YOUTUBE')
where world_draw(key, 'vendor channel', 0, 100) < 30;

insert into vendor.channels_monthly_stats
select
    account_id as id,
    formatDateTime(world_time(at), '%Y-%m') as month,
    lifetime_views,
    if(is_hidden, null, followers) as lifetime_subscribers,
    uploads as lifetime_uploads
from world.profile_calendar(
    first = {first:Int64}, last = {last:Int64}, after = {start:Int64} - 63072000, until = {start:Int64},
    every = 2629746, phase = 1314873, platform = 'YOUTUBE')
where world_draw(key, 'vendor channel', 0, 100) < 40 and {after:Int64} = 0;

-- Followers gained in the month, and followers before it.
insert into vendor.instagram_page_stats
select
    account_id as page_id,
    formatDateTime(world_time(at), '%Y%m') as month,
    toString(followers - followers_before) as followers,
    toString(followers_before) as prev_followers
from (
    select *,
        world_followers(at - 2629746, born_at, start, base, curve, pace, middle, jump, jump_at, stream)
            as followers_before
    from world.profile_calendar(
        first = {first:Int64}, last = {last:Int64}, after = {start:Int64} - 63072000, until = {start:Int64} - 8000000,
        every = 2629746, phase = 1314873, platform = 'INSTAGRAM')
)
where world_draw(key, 'vendor page', 0, 100) < 30 and {after:Int64} = 0;

-- Some of these posts are in the scraper's table too. Publish times are India's, 330 minutes ahead.
insert into vendor.instagram_posts_historical
select
    account_id as profile_id,
    first_handle as handle,
    if(is_older, world_base64(intHash64(bitXor(toUInt64(post_id) + 1000000, salt))), shortcode) as shortcode,
    format as post_type,
    world_grown(final_likes, 4320000, ripening, 1.) as likes,
    world_grown(final_comments, 4320000, ripening, 1.) as comments,
    if(format = 'reels', world_grown(final_plays * 0.8, 4320000, ripening, 1.), null) as views,
    if(format = 'reels', world_grown(final_plays, 4320000, ripening, 1.), null) as plays,
    world_time(published_at - if(is_older, 200 * 86400, 0) + 330 * 60) as publish_time
from (
    select *, arrayJoin([false, true]) as is_older
    from world.post_readings(
        first = {first:Int64}, last = {last:Int64}, after = {start:Int64} - 31449600, until = {start:Int64} - 21449600)
    where reading = 1 and platform = 'INSTAGRAM' and format != 'story' and {after:Int64} = 0
)
where world_draw(key, 'vendor posts', 0, 100) < 30 and (not is_older or published_at - 200 * 86400 > born_at);

insert into vendor.instagram_profiles
select
    account_id as profile_id,
    first_handle as profile_name,
    toString(followers) as followers,
    coalesce(known_country, 'NULL') as country,
    if(world_draw(key, 'vendor city', 0, 5) = 0, 'NULL', concat(city, ', ', world_country_name(country))) as city,
    ['M', 'F', 'NULL'][1 + world_draw(key, 'vendor gender', 0, 3)] as gender,
    '' as email,
    '' as contact_phone_number,
    '' as public_phone_number,
    if(world_draw(key, 'vendor picture', 0, 2) = 0, 'NULL', concat('https://vendor.example/', account_id, '.jpg'))
        as saved_thumbnail
from world.profile_calendar(
    first = {first:Int64}, last = {last:Int64}, after = {start:Int64} - 15770000, until = {start:Int64} - 13140000,
    every = 2629746, phase = 1314873, platform = 'INSTAGRAM')
where world_draw(key, 'vendor profile', 0, 100) < 50 and {after:Int64} = 0
limit 1 by account_id;
