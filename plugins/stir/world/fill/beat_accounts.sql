insert into beat_replica.instagram_account
select
    row_id as id,
    account_id as profile_id,
    handle,
    title as full_name,
    multiIf(is_business and world_draw(key, 'is creator', 0, 2) = 0, 'creator', is_business, 'business', 'personal')
        as profile_type,
    concat(['✨ ', '📍 ', '', '| '][1 + world_draw(key, 'bio', 0, 4)], world_instagram_label(category), ' from ', city,
        if(is_business, ' · DM for collab 💌', '')) as biography,
    -- Some rows have lost the number, and it comes back with a later reading.
    if(world_draw(stream, 'no followers', day, 150) = 0, null, followers) as followers,
    following_now as following,
    uploads as media_count,
    concat('https://cdn.example/ig/', account_id, '.jpg') as profile_pic_url,
    if(is_business, world_instagram_label(category), null) as category,
    null as category_id,
    concat('17', account_id) as fbid,
    is_private,
    is_verified,
    is_business as is_business_or_creator,
    profile_type = 'creator' as is_creator,
    world_draw(key, 'gcc', 0, 50) = 0 as is_in_gcc_collection,
    world_draw(key, 'gcc', 1, 20) = 0 as on_gcc,
    world_time64(greatest(born_at, horizon) + 86400, key) as created_at,
    world_time64(at, key) as updated_at,
    world_time64(at, key) as refreshed_at,
    round(followers * engagement, 2) as avg_likes,
    round(followers * engagement * 0.03, 2) as avg_comments,
    if(is_connected, round(followers * engagement * 6, 2), null) as avg_reach,
    if(is_connected, round(followers * engagement * 7, 2), null) as avg_impressions,
    round(engagement * 103, 4) as avg_engagement,
    round(followers * plays_ratio, 2) as avg_reels_plays,
    known_language as language,
    known_country as country,
    states.profile_type as account_type
from (
    select *, is_connected or world_draw(key, 'business', 0, 100) < 55 as is_business
    from world.account_states(
        first = {first:Int64}, last = {last:Int64}, after = {after:Int64}, until = {until:Int64})
    where platform = 'INSTAGRAM'
) as states;

-- Rows whose handle nobody has resolved yet have no profile id.
insert into beat_replica.instagram_account (id, handle, created_at, updated_at)
select
    row_id + 4000000000 as id,
    concat('unresolved.', first_handle) as handle,
    world_time64(start - 86400 * 30 + creator, key) as created_at,
    created_at as updated_at
from world.account
where platform = 'INSTAGRAM' and creator >= {first:Int64} and creator < {last:Int64} and creator % 211 = 9
    and start - 86400 * 30 + creator > {after:Int64} and start - 86400 * 30 + creator <= {until:Int64};

insert into beat_replica.youtube_account
select
    row_id as id,
    account_id as channel_id,
    title,
    concat(title, ' — ', world_youtube_label(category), '. ', city) as description,
    concat('@', handle) as custom_url,
    -- Sometimes a full name stands where a code should.
    if(world_draw(key, 'long country', 0, 12) = 0, world_country_name(known_country), known_country) as country,
    concat('https://yt.example/', account_id, '/default.jpg') as thumbnail,
    concat('{"default":{"url":"', thumbnail, '"}}') as thumbnails,
    concat('UU', substring(account_id, 3)) as uploads_playlist_id,
    null as external_urls,
    if(is_hidden or world_draw(stream, 'no followers', day, 150) = 0, null, followers) as subscribers,
    uploads,
    lifetime_views as views,
    toInt64(floor(uploads * short_share)) as shorts,
    is_hidden as is_subscriber_count_hidden,
    is_verified,
    world_time64(born_at, key) as published_at,
    world_time64(greatest(born_at, horizon) + 86400, key) as created_at,
    world_time64(at, key) as updated_at,
    handle as username,
    null as gplsuid,
    world_youtube_category_id(yt_category) as yt_category_id,
    if(known_category is null, null, world_youtube_label(category)) as yt_category,
    if(known_language is null, null, concat(language, '-', country)) as locale,
    round(engagement * 80, 4) as er12p,
    if(world_draw(key, 'tagged', 0, 8) = 0, states.country, null) as tagged_country,
    known_language as language,
    profile_type as account_type
from world.account_states(
    first = {first:Int64}, last = {last:Int64}, after = {after:Int64}, until = {until:Int64}) as states
where platform = 'YOUTUBE';
