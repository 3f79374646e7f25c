-- Scrape requests and how each ends. One per account every five days since two months before the start.
create or replace view world.job_changes as
with
    requested as (
        select
            *,
            toInt64(arrayJoin(range(
                greatest(intDiv({after:Int64} - (start - 5184000), 432000) - 1, 0) as lowest,
                greatest(intDiv({until:Int64} - (start - 5184000), 432000) + 1, lowest)))) as job,
            start - 5184000 + job * 432000 + world_draw(key, 'requested', job, 432000) as requested_at,
            world_draw(key, 'outcome', job, 1000) as outcome,
            requested_at + 30 + world_draw(key, 'wait', job, 600) as picked_at,
            -- One in thirty takes more than four hours.
            picked_at + if(world_draw(key, 'slow', job, 30) = 0, 18000, 3) + world_draw(key, 'work', job, 60) as done_at
        from world.account
        where creator >= {first:Int64} and creator < {last:Int64}
    ),
    changed as (
        select
            *,
            requested_at >= deleted_at as is_gone,
            -- 0 PENDING, 1 PROCESSING, 2 COMPLETE or FAILED. A few are never picked or get stuck.
            multiIf(
                outcome < 3, [requested_at],
                outcome < 6, [requested_at, picked_at],
                [requested_at, picked_at, done_at]) as all_moments,
            arrayFilter(moment -> moment <= {until:Int64}, all_moments) as moments,
            arrayJoin(arrayEnumerate(moments)) as stage,
            moments[stage] as changed_at,
            length(moments) - stage as newer,
            stage = 3 and (is_gone or outcome < 100) as is_failed,
            -- Given up without having been scraped.
            is_failed and outcome < 20 as is_expired,
            multiIf(
                platform = 'INSTAGRAM', 'refresh_profile_by_handle',
                job % 3 = 0, 'refresh_yt_profiles',
                -- The flow by channel id is the older one; a few still ask it.
                job % 3 = 1, if(job % 15 = 1, 'refresh_yt_posts_by_channel_id', 'refresh_yt_posts_by_playlist_id'),
                'refresh_yt_profile_relationship') as flow
        from requested
        where requested_at >= born_at and requested_at > {after:Int64} - 432000 and requested_at <= {until:Int64}
            and changed_at > {after:Int64}
    )
select
    bitShiftLeft(row_id, 20) + job as id,
    concat(flow, ':', account_id, ':', toString(job)) as idempotency_key,
    platform,
    if(platform = 'INSTAGRAM', 'rapidapi_ig', 'ytapi') as source,
    account_id,
    flow,
    -- One job in three hundred ends in an unknown state.
    multiIf(
        stage = 1, 'PENDING',
        stage = 2, 'PROCESSING',
        is_failed, 'FAILED',
        world_draw(key, 'odd status', job, 300) = 0, 'ARCHIVED',
        'COMPLETE') as status,
    toInt32(1 + world_draw(key, 'priority', job, 9)) as priority,
    multiIf(
        flow = 'refresh_profile_by_handle',
            concat('{"handle":"', if(requested_at >= renamed_at, next_handle, first_handle), '"}'),
        -- One batch in five asks for the next creator's channel too, whether there is one or not.
        flow = 'refresh_yt_profiles', concat('{"channel_ids":["', account_id, '"',
            if(world_draw(key, 'batch', job, 5) = 0,
                concat(',"', world_channel_id({seed:UInt64}, creator + 1), '"'), ''), ']}'),
        flow = 'refresh_yt_posts_by_playlist_id', concat('{"channel_id":"', account_id, '","max_posts":50}'),
        concat('{"channel_id":"', account_id, '"}')) as params,
    multiIf(
        stage < 3, null,
        is_expired, '(408) expired before it was scraped',
        is_gone, '(404) profile not found',
        is_failed, [
            '(204) no content', '(409) another request for this profile is running', '(429) too many requests',
            '''NoneType'' object has no attribute ''get''', '(500) upstream error'][1 + outcome % 5],
        '{"ok":true}') as data,
    world_time64(requested_at, key) as created_at,
    if(stage >= 2, world_time64(changed.picked_at, key), null) as picked_at,
    if(stage = 3 and not is_expired, world_time64(done_at, key), null) as scraped_at,
    -- Set when the request expires, so that the latest of the four times is the time of the last change.
    if(is_expired, world_time64(done_at, key), null) as expires_at,
    toInt32(if(stage = 3 and world_draw(key, 'retried', job, 15) = 0, 1, 0)) as retry_count,
    requested_at,
    changed_at,
    start,
    -- The newest status counts; one job in a hundred shows the one before it as well.
    newer = 0 or (newer = 1 and world_draw(key, 'redelivered job', job, 100) = 0) as is_kept
from changed;

-- Edges of the subscription graph: each channel subscribes to up to six others and is crawled every ten days.
create or replace view world.subscriptions as
with
    crawled as (
        select
            *,
            toInt64(arrayJoin(range(
                greatest(intDiv({after:Int64} - 1209600 - start, 864000), 0) as lowest,
                greatest(intDiv({until:Int64} - start, 864000) + 1, lowest)))) as crawl,
            toInt64(arrayJoin(range(world_draw(key, 'subscriptions', 0, 7)))) as i,
            world_draw(key, 'subscribed', i, {creators:Int64}) as target,
            start + crawl * 864000 + world_draw(key, 'subscription crawl', 0, 864000) as at,
            at + world_delay(key, 'subscription', crawl * 8 + i) as arrived_at
        from world.account
        where creator >= {first:Int64} and creator < {last:Int64} and platform = 'YOUTUBE'
            and world_draw(key, 'shows subscriptions', 0, 4) = 0
    )
select
    concat('subscription-', account_id, '-', toString(i), '-', toString(crawl)) as event_id,
    concat(account_id, ':', toString(i)) as relationship_id,
    'subscription' as relationship_type,
    'ytapi' as source,
    'YOUTUBE' as platform,
    account_id as source_channel_id,
    world_channel_id({seed:UInt64}, target) as target_channel_id,
    '{}' as source_metrics,
    '{}' as target_metrics,
    concat('{"title":"', title, '"}') as source_dimensions,
    '{}' as target_dimensions,
    if(world_draw(key, 'no date', i, 20) = 0, '', world_iso(start - 86400 * (30 + world_draw(key, 'since', i, 900))))
        as subscribed_on,
    world_time(at) as event_timestamp,
    world_time(arrived_at) as insert_timestamp
from crawled
where target != creator and at >= born_at and at < deleted_at
    and arrived_at > {after:Int64} and arrived_at <= {until:Int64};
