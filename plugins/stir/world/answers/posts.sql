-- The posts that are asked for, as they are at the moment `at`: the counters of their last reading, grown older. Posts
-- of more than half a year are not read again, and those of deleted accounts are gone.
create or replace view world.posts_at as
select
    * replace (
        {at:Int64} as at,
        world_grown(final_plays, {at:Int64} - published_at, ripening, 1.) as plays,
        world_grown(final_likes, {at:Int64} - published_at, ripening, 1.) as likes,
        world_grown(final_comments, {at:Int64} - published_at, ripening, 1.) as comments,
        world_grown(final_reach, {at:Int64} - published_at, ripening, 1.) as reach,
        world_handle({at:Int64}, renamed_at, first_handle, next_handle) as handle)
from world.post_readings(first = {first:Int64}, last = {last:Int64}, after = {at:Int64} - 8553600, until = {at:Int64})
where newer = 0 and {at:Int64} < deleted_at;

insert into events.post_log_events
select
    concat('work-', toString(asked.request), '-', shortcode) as event_id,
    if(platform = 'YOUTUBE', 'ytapi', 'rapidapi_ig') as source,
    platform,
    account_id as profile_id,
    if(platform = 'YOUTUBE', account_id, handle) as handle,
    shortcode,
    world_time(published_at) as publish_time,
    world_time(at) as event_timestamp,
    world_time(at) as insert_timestamp,
    multiIf(
        platform = 'YOUTUBE', concat(
            '{"view_count":', toString(plays), if(hides_likes, '', concat(',"likes":', toString(likes))),
            ',"comments":', toString(comments), world_post_flags(platform, hides_likes, closes_comments), '}'),
        format = 'story', concat('{"reach":', toString(reach), '}'),
        concat('{"likes":', toString(likes), ',"comments":', toString(comments),
            if(format = 'reels', concat(',"play_count":', toString(plays)), ''),
            world_post_flags(platform, hides_likes, closes_comments), '}')) as metrics,
    '{}' as dimensions
from world.posts_at(at = {at:Int64}, first = {first:Int64}, last = {last:Int64}) as post
inner join asked on asked.entity = post.shortcode
where event_id not in (select event_id from events.post_log_events where event_timestamp = world_time({at:Int64}));

insert into beat_replica.instagram_post_simple
select
    stored.* replace (
        if(post.format = 'story', null, post.likes) as likes,
        if(post.format = 'story', null, post.comments) as comments,
        if(post.format = 'reels', post.plays, null) as plays,
        world_time64(post.at, post.post_key) as updated_at)
from (
    select * from beat_replica.instagram_post_simple
    where shortcode in (select entity from asked)
    order by updated_at desc
    limit 1 by shortcode
) as stored
inner join world.posts_at(at = {at:Int64}, first = {first:Int64}, last = {last:Int64}) as post
    on stored.shortcode = post.shortcode
where post.platform = 'INSTAGRAM' and stored.updated_at < world_time64(post.at, post.post_key);

insert into beat_replica.youtube_post_simple
select
    stored.* replace (
        if(stored.privacy_status = 'private', 0, post.plays) as views,
        multiIf(post.hides_likes, null, stored.privacy_status = 'private', 0, post.likes) as likes,
        if(stored.privacy_status = 'private', 0, post.comments) as comments,
        world_time64(post.at, post.post_key) as updated_at)
from (
    select * from beat_replica.youtube_post_simple
    where shortcode in (select entity from asked)
    order by updated_at desc
    limit 1 by shortcode
) as stored
inner join world.posts_at(at = {at:Int64}, first = {first:Int64}, last = {last:Int64}) as post
    on stored.shortcode = post.shortcode
where post.platform = 'YOUTUBE' and stored.updated_at < world_time64(post.at, post.post_key);
