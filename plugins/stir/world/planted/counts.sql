-- Planted dirt: kind, count. First what was planted on accounts, then what shows in the rows of the source tables.
select kind, count() as planted
from world.planted
group by kind;

select 'post gone viral', count()
from world.viral_posts(first = {first:Int64}, last = {last:Int64}, after = {after:Int64}, until = {until:Int64});

select 'follower is fake', count()
from world.followers(first = {first:Int64}, last = {last:Int64})
where is_fake;

select tupleElement(fact, 1) as kind, sum(tupleElement(fact, 2)) as planted
from (
    select arrayJoin([
        ('event late by more than 4 hours', insert_timestamp > event_timestamp + 14400),
        ('event late by more than 4 days', insert_timestamp > event_timestamp + 345600),
        ('event from the future', event_timestamp > insert_timestamp),
        ('event with malformed JSON', not isValidJSON(metrics)),
        ('event with a negative counter', match(metrics, ':-[0-9]')),
        ('event with quoted numbers', match(metrics, ':"[0-9]')),
        ('event with a location as JSON', position(dimensions, '"location":{') > 0),
        ('event with plays 0 and likes', position(metrics, '"play_count":0') > 0 and position(metrics, '"likes":0') = 0)
    ]) as fact
    from (
        select event_timestamp, insert_timestamp, metrics, dimensions from events.post_log_events
        union all
        select event_timestamp, insert_timestamp, metrics, dimensions from events.profile_log_events
    )
)
group by kind;

-- Copies of an event lie side by side in the sort order, which keeps this cheap.
select 'event delivered again', sum(copies - 1)
from (
    select count() as copies
    from events.post_log_events
    group by platform, profile_id, shortcode, event_timestamp, event_id
    union all
    select count() as copies
    from events.profile_log_events
    group by platform, profile_id, event_timestamp, event_id
)
settings optimize_aggregation_in_order = 1;

select concat('job failed: ', coalesce(reason, '')) as kind, count() as planted
from events.scrape_request_log_events
where status = 'FAILED'
group by kind;

select 'job longer than 4 hours', count()
from events.scrape_request_log_events
where status in ('COMPLETE', 'FAILED') and event_timestamp > picked_at + 14400;

select tupleElement(fact, 1) as kind, sum(tupleElement(fact, 2)) as planted
from (
    select arrayJoin([
        ('order without fulfilment', fulfilments = 0),
        ('order fulfilled twice', fulfilments = 2),
        ('order cancelled', is_cancelled),
        ('order cancelled after fulfilment', is_cancelled and fulfilments > 0),
        ('order of another source', position(coalesce(utm_params, ''), '"source":"gcc"') = 0),
        ('order fulfilled seven days before the end',
            position(order_data, concat('"success","created_at":"', world_iso({until:Int64} - 604800))) > 0)
    ]) as fact
    from (
        select
            *,
            countSubstrings(order_data, '"status"') as fulfilments,
            position(order_data, '"cancelled_at":null') = 0 as is_cancelled
        from beat_replica.`order`
        order by id, updated_at desc
        limit 1 by id
    )
)
group by kind;

-- What staging sets aside: docs/rejects.md.
select 'activity of unknown kind or platform', count()
from beat_replica.post_activity_log
where activity_type = 'SUPERLIKE' or platform = 'THREADS';

select 'activity with malformed JSON', count()
from beat_replica.post_activity_log
where not isValidJSON(coalesce(dimensions, '{}'));

select 'job in an unknown state', count()
from beat_replica.scrape_request_log
where status = 'ARCHIVED';

select tupleElement(fact, 1) as kind, sum(tupleElement(fact, 2)) as planted
from (
    select arrayJoin([
        ('post of unknown kind', ifNull(post_type = 'guide', false)),
        ('post with likes below zero', ifNull(likes < 0, false))
    ]) as fact
    from beat_replica.instagram_post_simple
)
group by kind;

-- A post has a row for each time it was stored, so these count posts.
select 'post that says that its likes are hidden', uniqExact(shortcode)
from beat_replica.instagram_post_simple
where like_and_view_counts_disabled;

select 'post that says that its comments are closed', uniqExact(shortcode)
from beat_replica.instagram_post_simple
where comments_disabled;

select 'private video', uniqExact(shortcode)
from beat_replica.youtube_post_simple
where privacy_status = 'private';
