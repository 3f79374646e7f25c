insert into beat_replica.instagram_post_simple
select
    post_id as id,
    account_id as profile_id,
    handle,
    toString(3000000000000000000 + toUInt64(states.post_id)) as post_id,
    if(format = 'image' and world_draw(post_key, 'odd kind', 0, 300) = 0, 'guide', format) as post_type,
    multiIf(format = 'reels', 'VIDEO', format = 'carousel', 'CAROUSEL_ALBUM', 'IMAGE') as content_type,
    if(format = 'story' or world_draw(post_key, 'no caption', 0, 25) = 0, null,
        world_caption(language, post_key, 0)) as caption,
    -- One in five hundred is less than nothing.
    multiIf(format = 'story', null, world_draw(post_key, 'odd likes', 0, 500) = 0, -1, states.likes) as likes,
    if(format = 'story', null, states.comments) as comments,
    if(format = 'reels', intDiv(states.plays * 4, 5), null) as views,
    if(format = 'reels', states.plays, null) as plays,
    if(is_connected, states.reach, null) as reach,
    if(is_connected, saves, null) as saved,
    if(is_connected, states.shares, null) as shares,
    if(is_connected, toInt64(floor(states.reach * 1.13)), null) as impressions,
    if(is_connected and format != 'story', states.likes + states.comments + saves + states.shares, null)
        as interactions,
    if(followers_then > 0, round((states.likes + states.comments) / followers_then, 6), null) as engagement,
    if(format = 'story', null, hides_likes) as like_and_view_counts_disabled,
    if(format = 'story', null, closes_comments) as comments_disabled,
    shortcode,
    concat('https://cdn.example/ig/p/', shortcode, '.jpg') as display_url,
    display_url as thumbnail_url,
    if(format = 'story' and world_draw(post_key, 'no time', 0, 10) = 0, null, world_time64(published_at, 0))
        as publish_time,
    world_time64(first_read_at, post_key) as created_at,
    world_time64(at, post_key) as updated_at,
    if(has_taps, intDiv(states.reach * 7, 10), null) as taps_forward,
    if(has_taps, intDiv(states.reach, 20), null) as taps_back,
    if(has_taps, intDiv(states.reach, 9), null) as exits,
    if(has_taps, intDiv(states.reach, 400), null) as replies,
    if(has_taps, intDiv(states.reach * 9, 10), null) as navigation,
    if(has_taps, intDiv(states.reach, 150), null) as profile_activity,
    if(has_taps, intDiv(states.reach, 160), null) as profile_visits,
    if(has_taps, intDiv(states.reach, 2500), null) as follows,
    if(has_taps and world_draw(post_key, 'video story', 0, 2) = 0, states.reach, null) as video_views,
    if(has_taps, intDiv(states.reach, 3), null) as automatic_forward,
    if(has_taps, intDiv(states.reach, 90), null) as swipe_back,
    if(has_taps, intDiv(states.reach, 200), null) as swipe_down,
    if(has_taps, intDiv(states.reach, 12), null) as swipe_forward,
    if(has_taps, intDiv(states.reach, 500), null) as swipe_up,
    if(format = 'story', followers_then, null) as profile_follower,
    if(format = 'story', round(engagement_coefficient * 103, 4), null) as profile_er,
    if(format = 'story', round(engagement_coefficient * 90, 4), null) as profile_static_er,
    if(format = 'story', round(engagement_coefficient * 120, 4), null) as profile_reels_er
from (
    select
        * except engagement,
        engagement as engagement_coefficient,
        format = 'story' and is_connected as has_taps
    from world.post_readings(first = {first:Int64}, last = {last:Int64}, after = {after:Int64}, until = {until:Int64})
    where platform = 'INSTAGRAM' and is_kept
) as states;

insert into beat_replica.youtube_post_simple
select
    post_id as id,
    shortcode,
    account_id as channel_id,
    states.title as channel_title,
    concat(world_caption(language, post_key, 1), if(format = 'short', ' #shorts', '')) as title,
    concat(world_caption(language, post_key, 2), '\n', states.title) as description,
    concat('https://yt.example/vi/', shortcode, '/default.jpg') as thumbnail,
    concat('{"default":{"url":"', thumbnail, '"}}') as thumbnails,
    if(format = 'short', concat('PT', toString(8 + world_draw(post_key, 'length', 0, 52)), 'S'),
        concat('PT', toString(3 + world_draw(post_key, 'length', 0, 40)), 'M',
            toString(world_draw(post_key, 'length', 1, 60)), 'S')) as duration,
    world_youtube_category_id(states.category_label) as category_id,
    states.category_label as category,
    multiIf(
        world_draw(post_key, 'spoken', 0, 10) = 0, null,
        world_draw(post_key, 'spoken', 1, 12) = 0, 'zxx',
        world_draw(post_key, 'spoken', 2, 8) = 0, 'en',
        world_draw(post_key, 'spoken', 3, 3) = 0, concat(language, '-', country),
        language) as audio_language,
    concat('["', lower(states.category_label), '","', city, '"]') as tags,
    null as content_rating,
    concat('UU', substring(account_id, 3)) as playlist_id,
    -- A private video is listed with counters of 0.
    multiIf(
        world_draw(post_key, 'visibility', 0, 200) = 0, 'private',
        world_draw(post_key, 'visibility', 0, 200) < 3, 'unlisted',
        'public') as privacy_status,
    if(world_draw(post_key, 'unclassified', 0, 30) = 0, null, format) as post_type,
    lower(states.category_label) as keywords,
    if(privacy_status = 'private', 0, plays) as views,
    -- The interface leaves likes out where the owner hides them.
    multiIf(hides_likes, null, privacy_status = 'private', 0, states.likes) as likes,
    if(privacy_status = 'private', 0, states.comments) as comments,
    0 as favourites,
    closes_comments as comments_disabled,
    world_draw(key, 'licensed', 0, 3) = 0 as is_licensed,
    world_time64(published_at, 0) as published_at,
    world_time64(first_read_at, post_key) as created_at,
    world_time64(at, post_key) as updated_at
from (
    select *, world_youtube_label(category) as category_label
    from world.post_readings(first = {first:Int64}, last = {last:Int64}, after = {after:Int64}, until = {until:Int64})
    where platform = 'YOUTUBE' and is_kept
) as states;
