-- The profiles that are asked for, as they are at the moment `at`. `asked` holds the entity (a handle or an id) and the
-- request. Who is gone by then, or has another handle, is not found.
create or replace view world.profiles_at as
select
    *,
    {at:Int64} as at,
    world_handle(at, renamed_at, first_handle, next_handle) as handle,
    world_shown(platform, world_followers(at, born_at, start, base, curve, pace, middle, jump, jump_at, stream))
        as followers,
    world_following(at, start, following) as following_now,
    world_uploads(at, quiet_at, post_from, post_every, post_limit, past_posts) as uploads,
    world_lifetime_views(at, born_at, start, base, plays_ratio, jump, jump_at) as lifetime_views
from world.account
where {at:Int64} >= born_at and {at:Int64} < deleted_at and not is_unknown;

insert into events.profile_log_events
select
    concat('work-', toString(asked.request), '-', account_id) as event_id,
    if(platform = 'YOUTUBE', 'ytapi', 'rapidapi_ig') as source,
    platform,
    account_id as profile_id,
    if(platform = 'YOUTUBE', account_id, handle) as handle,
    world_time(at) as event_timestamp,
    world_time(at) as insert_timestamp,
    if(
        platform = 'YOUTUBE',
        concat('{', if(is_hidden, '', concat('"subscriber_count":', toString(followers), ',')),
            '"view_count":', toString(lifetime_views), ',"video_count":', toString(uploads), '}'),
        concat('{"followers":', toString(followers), ',"following":', toString(following_now), '}')) as metrics,
    '{}' as dimensions
from world.profiles_at(at = {at:Int64}) as profile
inner join asked on asked.entity = if(platform = 'YOUTUBE', account_id, lower(profile.handle))
where event_id not in (select event_id from events.profile_log_events where event_timestamp = world_time({at:Int64}));

-- The row of the account follows, as the change feed would deliver it: what the crawl reads is new, the rest stands.
insert into beat_replica.instagram_account
select
    stored.* replace (
        profile.handle as handle,
        profile.followers as followers,
        profile.following_now as following,
        profile.uploads as media_count,
        world_time64(profile.at, profile.key) as updated_at,
        world_time64(profile.at, profile.key) as refreshed_at)
from (
    select * from beat_replica.instagram_account
    where profile_id is not null
    order by updated_at desc
    limit 1 by profile_id
) as stored
inner join world.profiles_at(at = {at:Int64}) as profile on stored.profile_id = profile.account_id
where lower(profile.handle) in (select entity from asked) and profile.platform = 'INSTAGRAM'
    and stored.updated_at < world_time64(profile.at, profile.key);

insert into beat_replica.youtube_account
select
    stored.* replace (
        if(profile.is_hidden, null, profile.followers) as subscribers,
        profile.uploads as uploads,
        profile.lifetime_views as views,
        world_time64(profile.at, profile.key) as updated_at)
from (
    select * from beat_replica.youtube_account
    where channel_id is not null
    order by updated_at desc
    limit 1 by channel_id
) as stored
inner join world.profiles_at(at = {at:Int64}) as profile on stored.channel_id = profile.account_id
where profile.account_id in (select entity from asked) and profile.platform = 'YOUTUBE'
    and stored.updated_at < world_time64(profile.at, profile.key);
