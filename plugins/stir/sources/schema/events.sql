-- The event store: append-only, delivered at least once, monthly partitions by event time.
create database if not exists events;

create database if not exists events_stage;

create table events.post_log_events
(
    event_id String,
    source String,
    platform String,
    profile_id String,
    handle Nullable(String),
    shortcode String,
    publish_time Nullable(DateTime('UTC')),
    event_timestamp DateTime('UTC'),
    insert_timestamp DateTime('UTC'),
    metrics String,
    dimensions String
)
engine = MergeTree
partition by toYYYYMM(event_timestamp)
order by (platform, profile_id, shortcode, event_timestamp);

create table events.profile_log_events
(
    event_id String,
    source String,
    platform String,
    profile_id String,
    handle Nullable(String),
    event_timestamp DateTime('UTC'),
    insert_timestamp DateTime('UTC'),
    metrics String,
    dimensions String
)
engine = MergeTree
partition by toYYYYMM(event_timestamp)
order by (platform, profile_id, event_timestamp);

create table events.yt_profile_relationship_log_events
(
    event_id String,
    relationship_id String,
    relationship_type String,
    source String,
    platform String,
    source_channel_id String,
    target_channel_id String,
    source_metrics String,
    target_metrics String,
    source_dimensions String,
    target_dimensions String,
    subscribed_on String,
    event_timestamp DateTime('UTC'),
    insert_timestamp DateTime('UTC')
)
engine = MergeTree
partition by toYYYYMM(event_timestamp)
order by (platform, target_channel_id, source_channel_id, event_timestamp);

create table events.scrape_request_log_events
(
    event_id String,
    scl_id Int64,
    idempotency_key Nullable(String),
    platform String,
    flow String,
    status String,
    params Nullable(String),
    reason Nullable(String),
    priority Nullable(Int32),
    retry_count Nullable(Int32),
    picked_at Nullable(DateTime('UTC')),
    expires_at Nullable(DateTime('UTC')),
    event_timestamp DateTime('UTC'),
    insert_timestamp DateTime('UTC')
)
engine = MergeTree
partition by toYYYYMM(event_timestamp)
order by (flow, scl_id, event_timestamp);

create table events_stage.yt_profile_relationship_log_events as events.yt_profile_relationship_log_events;
