-- The product's database: collections, their items, and its own ids of accounts.
create database if not exists coffee_replica;

create table coffee_replica.post_collection
(
    id String,
    share_id Nullable(String),
    partner_id Int64,
    name String,
    source String,
    source_id String,
    budget Nullable(Int64),
    enabled Bool,
    start_time Nullable(DateTime64(6, 'UTC')),
    end_time Nullable(DateTime64(6, 'UTC')),
    created_by String,
    created_at DateTime64(6, 'UTC'),
    updated_at DateTime64(6, 'UTC'),
    disabled_metrics Nullable(String),
    metrics_ingestion_freq String,
    job_id Nullable(Int64),
    sentiment_report_path Nullable(String),
    sentiment_report_bucket Nullable(String)
)
engine = MergeTree order by id;

create table coffee_replica.post_collection_item
(
    id Int64,
    platform String,
    short_code String,
    post_type String,
    post_collection_id String,
    bookmarked Bool,
    enabled Bool,
    cost Nullable(Int64),
    posted_by_handle Nullable(String),
    sponsor_links Nullable(String),
    post_title Nullable(String),
    post_link Nullable(String),
    post_thumbnail Nullable(String),
    metrics_ingestion_freq String,
    retrieve_data Bool,
    show_in_report Bool,
    posted_by_cp_id Nullable(Int64),
    created_by String,
    created_at DateTime64(6, 'UTC'),
    updated_at DateTime64(6, 'UTC')
)
engine = MergeTree order by id;

create table coffee_replica.profile_collection
(
    id Int64,
    share_id Nullable(String),
    partner_id Int64,
    name String,
    description Nullable(String),
    categories Array(String),
    tags Array(String),
    enabled Bool,
    featured Bool,
    analytics_enabled Bool,
    share_enabled Bool,
    source Nullable(String),
    source_id Nullable(String),
    campaign_id Nullable(Int64),
    job_id Nullable(Int64),
    campaign_platform Nullable(String),
    category_ids String,
    category String,
    custom_columns String,
    ordered_columns String,
    disabled_metrics String,
    created_by String,
    created_at DateTime64(6, 'UTC'),
    updated_at DateTime64(6, 'UTC')
)
engine = MergeTree order by id;

create table coffee_replica.profile_collection_item
(
    id Int64,
    platform String,
    platform_account_code String,
    profile_collection_id Int64,
    hidden Bool,
    enabled Nullable(Bool),
    rank Int64,
    created_by String,
    created_at DateTime64(6, 'UTC'),
    updated_at DateTime64(6, 'UTC'),
    partner_id Nullable(Int64),
    profile_social_id Nullable(String),
    campaign_profile_id Nullable(Int64),
    shortlisting_status Nullable(String),
    shortlist_id Nullable(String),
    brand_selection_status Nullable(String),
    brand_selection_remarks Nullable(String),
    internal_commercials Nullable(String),
    custom_columns_data String
)
engine = MergeTree order by id;

create table coffee_replica.keyword_collection
(
    id String,
    share_id String,
    name String,
    platform String,
    created_by String,
    partner_id Int64,
    keywords Array(String),
    enabled Nullable(Bool),
    start_time Nullable(DateTime64(6, 'UTC')),
    end_time Nullable(DateTime64(6, 'UTC')),
    created_at DateTime64(6, 'UTC'),
    updated_at DateTime64(6, 'UTC'),
    job_id Nullable(Int64),
    report_bucket Nullable(String),
    report_path Nullable(String),
    demography_report_path Nullable(String)
)
engine = MergeTree order by id;

create table coffee_replica.collection_group
(
    id Int64,
    share_id Nullable(String),
    partner_id Int64,
    name String,
    source String,
    source_id String,
    collection_ids Array(String),
    enabled Bool,
    disabled_metrics Nullable(String),
    metadata Nullable(String),
    objective Nullable(String),
    created_by String,
    created_at DateTime64(6, 'UTC'),
    updated_at DateTime64(6, 'UTC')
)
engine = MergeTree order by id;

create table coffee_replica.activity_tracker
(
    id Int64,
    type String,
    meta Nullable(String),
    enabled Nullable(Bool),
    created_at Nullable(DateTime64(6, 'UTC')),
    updated_at Nullable(DateTime64(6, 'UTC')),
    account_id Int64,
    partner_id Int64
)
engine = MergeTree order by id;

create table coffee_replica.view_campaign_profile_lite
(
    id Int64,
    platform String,
    platform_account_id Int64,
    on_gcc Nullable(Bool),
    on_gcc_app Nullable(Bool),
    gcc_user_account_id Nullable(Int64),
    updated_by Nullable(String),
    enabled Bool,
    created_at DateTime64(6, 'UTC'),
    updated_at DateTime64(6, 'UTC')
)
engine = MergeTree order by id;

create table coffee_replica.view_instagram_account_lite
(
    id Int64,
    ig_id String,
    handle String,
    created_at DateTime64(6, 'UTC'),
    updated_at DateTime64(6, 'UTC')
)
engine = MergeTree order by id;

create table coffee_replica.view_youtube_account_lite
(
    id Int64,
    channel_id String,
    created_at DateTime64(6, 'UTC'),
    updated_at DateTime64(6, 'UTC')
)
engine = MergeTree order by id;
