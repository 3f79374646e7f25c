-- Tables that hold a part of what another table holds: filled when that one is.

-- The recent window of the requests: those since the start of the tracking.
insert into beat_replica.recent_scrape_request_log
select *
from beat_replica.scrape_request_log
where {first:Int64} = 0
    and created_at > world_time({start:Int64})
    -- Requests that were answered by `work` are in both tables already.
    and id < bitShiftLeft(toInt64(1), 62)
    and greatest(
        created_at, coalesce(picked_at, created_at), coalesce(scraped_at, created_at), coalesce(expires_at, created_at)
    ) > world_time({after:Int64});

-- The pre-production feed got every fourth subscription.
insert into events_stage.yt_profile_relationship_log_events
select *
from events.yt_profile_relationship_log_events
where {first:Int64} = 0 and insert_timestamp > world_time({after:Int64}) and cityHash64(event_id) % 4 = 0;

insert into coffee_stage.post_collection_item
select *
from coffee_replica.post_collection_item
where {first:Int64} = 0 and updated_at > world_time({after:Int64}) and id % 3 = 0;

insert into coffee_stage.profile_collection_item
select *
from coffee_replica.profile_collection_item
where {first:Int64} = 0 and updated_at > world_time({after:Int64}) and id % 3 > 0;

insert into coffee_stage.view_instagram_account_lite
select *
from coffee_replica.view_instagram_account_lite
where {first:Int64} = 0 and updated_at > world_time({after:Int64}) and id % 2 = 0;

insert into coffee_stage.view_youtube_account_lite
select *
from coffee_replica.view_youtube_account_lite
where {first:Int64} = 0 and updated_at > world_time({after:Int64}) and id % 2 = 0;
