-- The creators' application (identity) and the link shortener (tracking).
create database if not exists identity_replica;

create database if not exists tracking;

create table identity_replica.social_account
(
    account_id Int64,
    platform Nullable(String),
    handle Nullable(String),
    created_on DateTime('UTC')
)
engine = MergeTree order by (account_id, created_on);

create table identity_replica.host_profile
(
    user_client_account_id Int64,
    user_categories Nullable(String),
    webengage_user_id Nullable(String)
)
engine = MergeTree order by user_client_account_id;

create table tracking.link_clicks
(
    url String,
    d Date,
    unique_clicks UInt64
)
engine = MergeTree order by (url, d);

create table tracking.link_orders
(
    link String,
    overall_orders Int64,
    delivered_orders Int64,
    completed_orders Int64,
    leaderboard_overall_orders Int64,
    leaderboard_delivered_orders Int64,
    leaderboard_completed_orders Int64
)
engine = MergeTree order by link;
