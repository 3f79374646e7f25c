-- The scraper's database: change-captured copies of its PostgreSQL tables. One logical row per id; older versions of
-- a row may stay beside the newest one.
create database if not exists beat_replica;

create table beat_replica.instagram_account
(
    id Int64,
    profile_id Nullable(String),
    handle Nullable(String),
    full_name Nullable(String),
    profile_type Nullable(String),
    biography Nullable(String),
    followers Nullable(Int64),
    following Nullable(Int64),
    media_count Nullable(Int64),
    profile_pic_url Nullable(String),
    category Nullable(String),
    category_id Nullable(String),
    fbid Nullable(String),
    is_private Nullable(Bool),
    is_verified Nullable(Bool),
    is_business_or_creator Nullable(Bool),
    is_creator Nullable(Bool),
    is_in_gcc_collection Nullable(Bool),
    on_gcc Nullable(Bool),
    created_at Nullable(DateTime64(6, 'UTC')),
    updated_at Nullable(DateTime64(6, 'UTC')),
    refreshed_at Nullable(DateTime64(6, 'UTC')),
    avg_likes Nullable(Float64),
    avg_comments Nullable(Float64),
    avg_reach Nullable(Float64),
    avg_impressions Nullable(Float64),
    avg_engagement Nullable(Float64),
    avg_reels_plays Nullable(Float64),
    language Nullable(String),
    country Nullable(String),
    account_type Nullable(String)
)
engine = MergeTree order by id;

create table beat_replica.instagram_post_simple
(
    id Int64,
    profile_id Nullable(String),
    handle Nullable(String),
    post_id Nullable(String),
    post_type Nullable(String),
    content_type Nullable(String),
    caption Nullable(String),
    likes Nullable(Int64),
    comments Nullable(Int64),
    views Nullable(Int64),
    plays Nullable(Int64),
    reach Nullable(Int64),
    saved Nullable(Int64),
    shares Nullable(Int64),
    impressions Nullable(Int64),
    interactions Nullable(Int64),
    engagement Nullable(Float64),
    like_and_view_counts_disabled Nullable(Bool),
    comments_disabled Nullable(Bool),
    shortcode Nullable(String),
    display_url Nullable(String),
    thumbnail_url Nullable(String),
    publish_time Nullable(DateTime64(6, 'UTC')),
    created_at Nullable(DateTime64(6, 'UTC')),
    updated_at Nullable(DateTime64(6, 'UTC')),
    taps_forward Nullable(Int64),
    taps_back Nullable(Int64),
    exits Nullable(Int64),
    replies Nullable(Int64),
    navigation Nullable(Int64),
    profile_activity Nullable(Int64),
    profile_visits Nullable(Int64),
    follows Nullable(Int64),
    video_views Nullable(Int64),
    automatic_forward Nullable(Int64),
    swipe_back Nullable(Int64),
    swipe_down Nullable(Int64),
    swipe_forward Nullable(Int64),
    swipe_up Nullable(Int64),
    profile_follower Nullable(Int64),
    profile_er Nullable(Float64),
    profile_static_er Nullable(Float64),
    profile_reels_er Nullable(Float64)
)
engine = MergeTree order by id;

create table beat_replica.youtube_account
(
    id Int64,
    channel_id Nullable(String),
    title Nullable(String),
    description Nullable(String),
    custom_url Nullable(String),
    country Nullable(String),
    thumbnail Nullable(String),
    thumbnails Nullable(String),
    uploads_playlist_id Nullable(String),
    external_urls Nullable(String),
    subscribers Nullable(Int64),
    uploads Nullable(Int64),
    views Nullable(Int64),
    shorts Nullable(Int64),
    is_subscriber_count_hidden Nullable(Bool),
    is_verified Nullable(Bool),
    published_at Nullable(DateTime64(6, 'UTC')),
    created_at Nullable(DateTime64(6, 'UTC')),
    updated_at Nullable(DateTime64(6, 'UTC')),
    username Nullable(String),
    gplsuid Nullable(String),
    yt_category_id Nullable(String),
    yt_category Nullable(String),
    locale Nullable(String),
    er12p Nullable(Float64),
    tagged_country Nullable(String),
    language Nullable(String),
    account_type Nullable(String)
)
engine = MergeTree order by id;

create table beat_replica.youtube_post_simple
(
    id Int64,
    shortcode Nullable(String),
    channel_id Nullable(String),
    channel_title Nullable(String),
    title Nullable(String),
    description Nullable(String),
    thumbnail Nullable(String),
    thumbnails Nullable(String),
    duration Nullable(String),
    category_id Nullable(String),
    category Nullable(String),
    audio_language Nullable(String),
    tags Nullable(String),
    content_rating Nullable(String),
    playlist_id Nullable(String),
    privacy_status Nullable(String),
    post_type Nullable(String),
    keywords Nullable(String),
    views Nullable(Int64),
    likes Nullable(Int64),
    comments Nullable(Int64),
    favourites Nullable(Int64),
    comments_disabled Nullable(Bool),
    is_licensed Nullable(Bool),
    published_at Nullable(DateTime64(6, 'UTC')),
    created_at Nullable(DateTime64(6, 'UTC')),
    updated_at Nullable(DateTime64(6, 'UTC'))
)
engine = MergeTree order by id;

create table beat_replica.asset_log
(
    id Int64,
    entity_id String,
    entity_type Nullable(String),
    platform Nullable(String),
    asset_type Nullable(String),
    asset_url Nullable(String),
    original_url Nullable(String),
    created_at Nullable(DateTime64(6, 'UTC')),
    updated_at Nullable(DateTime64(6, 'UTC'))
)
engine = MergeTree order by id;

create table beat_replica.scrape_request_log
(
    id Int64,
    idempotency_key Nullable(String),
    platform Nullable(String),
    source Nullable(String),
    account_id Nullable(String),
    flow Nullable(String),
    status String,
    priority Nullable(Int32),
    params Nullable(String),
    data Nullable(String),
    created_at Nullable(DateTime64(6, 'UTC')),
    picked_at Nullable(DateTime64(6, 'UTC')),
    scraped_at Nullable(DateTime64(6, 'UTC')),
    expires_at Nullable(DateTime64(6, 'UTC')),
    retry_count Nullable(Int32)
)
engine = MergeTree order by id;

create table beat_replica.recent_scrape_request_log as beat_replica.scrape_request_log;
