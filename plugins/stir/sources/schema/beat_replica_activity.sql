-- beat_replica, second family: authorised insights, orders, credentials and the two append-only logs.
create table beat_replica.instagram_profile_insights
(
    id Int64,
    profile_id Nullable(String),
    handle Nullable(String),
    created_at Nullable(DateTime64(6, 'UTC')),
    updated_at Nullable(DateTime64(6, 'UTC')),
    audience_gender_age Nullable(String),
    audience_city Nullable(String),
    audience_country Nullable(String),
    audience_locale Nullable(String),
    reached_audience_country Nullable(String),
    reached_audience_city Nullable(String),
    reached_audience_gender_age Nullable(String),
    engaged_audience_country Nullable(String),
    engaged_audience_city Nullable(String),
    engaged_audience_gender_age Nullable(String)
)
engine = MergeTree order by id;

create table beat_replica.youtube_profile_insights
(
    id Int64,
    channel_id Nullable(String),
    created_at Nullable(DateTime64(6, 'UTC')),
    updated_at Nullable(DateTime64(6, 'UTC')),
    gender_age Nullable(String),
    city Nullable(String),
    country Nullable(String)
)
engine = MergeTree order by id;

create table beat_replica.`order`
(
    id Int64,
    platform Nullable(String),
    platform_order_id Nullable(String),
    status Nullable(String),
    name Nullable(String),
    store Nullable(String),
    store_name Nullable(String),
    landing_site Nullable(String),
    utm_params Nullable(String),
    order_data Nullable(String),
    created_at Nullable(DateTime64(6, 'UTC')),
    updated_at Nullable(DateTime64(6, 'UTC'))
)
engine = MergeTree order by id;

-- The column with the secret of each credential is not replicated.
create table beat_replica.credential
(
    id Int64,
    idempotency_key Nullable(String),
    source Nullable(String),
    handle Nullable(String),
    enabled Nullable(Bool),
    data_access_expired Nullable(Bool),
    disabled_till Nullable(DateTime64(6, 'UTC')),
    created_at Nullable(DateTime64(6, 'UTC')),
    updated_at Nullable(DateTime64(6, 'UTC'))
)
engine = MergeTree order by id;

create table beat_replica.post_activity_log
(
    id Int64,
    activity_type Nullable(String),
    platform Nullable(String),
    platform_post_id Nullable(String),
    actor_profile_id Nullable(String),
    dimensions Nullable(String),
    metrics Nullable(String),
    source Nullable(String),
    timestamp Nullable(DateTime64(6, 'UTC'))
)
engine = MergeTree order by id;

create table beat_replica.profile_relationship_log
(
    id Int64,
    relationship_type Nullable(String),
    platform Nullable(String),
    source_profile_id Nullable(String),
    target_profile_id Nullable(String),
    source Nullable(String),
    source_dimensions Nullable(String),
    source_metrics Nullable(String),
    target_dimensions Nullable(String),
    target_metrics Nullable(String),
    timestamp Nullable(DateTime64(6, 'UTC'))
)
engine = MergeTree order by id;
