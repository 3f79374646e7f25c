-- Comments and likes on one post in ten since the start, up to five each.
insert into beat_replica.post_activity_log
select
    post_id * 8 + i as id,
    -- One in a hundred is of a kind that the warehouse does not know.
    multiIf(
        world_draw(post_key, 'odd activity', i, 100) = 0, 'SUPERLIKE',
        world_draw(post_key, 'activity', i, 3) = 0, 'LIKE',
        'COMMENT') as activity_type,
    if(world_draw(post_key, 'odd platform', i, 200) = 0, 'THREADS', platform) as platform,
    shortcode as platform_post_id,
    toString(700000000000 + world_draw(post_key, 'actor', i, 1000000)) as actor_profile_id,
    if(activity_type = 'COMMENT', concat(if(world_draw(post_key, 'cut off', i, 100) = 0, '{"text":', '{"text":"'),
        world_one_of(post_key, 'comment', i,
            ['🔥🔥', 'Love this', 'बहुत बढ़िया', 'price please', 'माशाअल्लाह', 'Que lindo!']),
        '"}'), '{}') as dimensions,
    '{}' as metrics,
    if(states.platform = 'YOUTUBE', 'ytapi', 'rapidapi_ig') as source,
    world_time64(acted_at, post_key) as timestamp
from (
    select *,
        toInt64(arrayJoin(range(1 + world_draw(post_key, 'activities', 0, 5)))) as i,
        at + 600 + i * 900 as acted_at
    from world.post_readings(
        first = {first:Int64}, last = {last:Int64}, after = {after:Int64} - 7200, until = {until:Int64})
    where reading = 1 and published_at >= start and world_draw(post_key, 'active', 0, 10) = 0
) as states
where acted_at > {after:Int64} and acted_at <= {until:Int64};

-- Each crawl sees its followers once more; the second crawl, 45 days later, repeats two thirds of them.
insert into beat_replica.profile_relationship_log
select
    follower_id * 2 + crawl as id,
    if(i % 50 = 49, 'following', 'follower') as relationship_type,
    'INSTAGRAM' as platform,
    toString(follower_id) as source_profile_id,
    account_id as target_profile_id,
    'rapidapi_ig' as source,
    concat('{"handle":"', follower_handle, '","full_name":"', follower_name, '"}') as source_dimensions,
    concat('{"followers":', toString(follower_followers), ',"following":', toString(follower_following), '}')
        as source_metrics,
    concat('{"handle":"', if(seen_at >= renamed_at, next_handle, first_handle), '"}') as target_dimensions,
    '{}' as target_metrics,
    world_time64(seen_at, follower_key) as timestamp
from (
    select *, toInt64(arrayJoin([0, 1])) as crawl, crawled_at + crawl * 3888000 + i as seen_at
    from world.followers(first = {first:Int64}, last = {last:Int64})
)
where (crawl = 0 or i % 3 < 2) and seen_at < deleted_at and seen_at > {after:Int64} and seen_at <= {until:Int64};

-- Subscriptions between channels, as one crawl in ten days saw them.
insert into events.yt_profile_relationship_log_events
select *
from world.subscriptions(
    seed = {seed:UInt64}, creators = {creators:Int64}, first = {first:Int64}, last = {last:Int64},
    after = {after:Int64}, until = {until:Int64});
