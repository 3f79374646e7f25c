-- What the generator knows and no feed says: the parameters, the people, their accounts.
create database if not exists world;

-- One row per step; the newest revision holds. `state` is making, advancing or ready; `until` is where the step ends.
create table if not exists world.parameters
(
    revision UInt32,
    state LowCardinality(String),
    seed UInt64,
    creators UInt64,
    start DateTime('UTC'),
    end DateTime('UTC'),
    until DateTime('UTC')
)
engine = MergeTree order by revision;

-- Which version of the world's SQL made the rows.
create table world.version
(
    fingerprint String
)
engine = MergeTree order by tuple();

-- A person or brand. `twin_key` is the key of the creator whose numbers this one repeats exactly (usually its own).
create table world.creator
(
    creator Int64,
    key UInt64,
    twin Int64,
    twin_key UInt64,
    has_instagram Bool,
    has_youtube Bool,
    country String,
    known_country Nullable(String),
    language String,
    known_language Nullable(String),
    category String,
    known_category Nullable(String),
    profile_type Nullable(String),
    gender String,
    city String,
    name_group UInt8,
    full_name String,
    handle_stem String,
    profile_id String,
    channel_id String,
    born_at Int64,
    is_counted Bool
)
engine = MergeTree order by creator settings index_granularity = 512;

-- A profile on one platform with the coefficients of its closed forms. Times are Unix seconds.
create table world.account
(
    creator Int64,
    platform LowCardinality(String),
    key UInt64,
    stream UInt64,
    salt UInt64,
    row_id Int64,
    account_id String,
    title String,
    first_handle String,
    next_handle String,
    renamed_at Int64,
    country String,
    known_country Nullable(String),
    language String,
    known_language Nullable(String),
    category String,
    known_category Nullable(String),
    profile_type Nullable(String),
    city String,
    start Int64,
    horizon Int64,
    born_at Int64,
    quiet_at Int64,
    deleted_at Int64,
    base Float64,
    curve LowCardinality(String),
    pace Float64,
    middle Float64,
    jump Float64,
    jump_at Int64,
    following Int64,
    past_posts Int64,
    post_from Int64,
    post_every Int64,
    post_limit Int64,
    post_group Int64,
    short_share Float64,
    engagement Float64,
    plays_ratio Float64,
    gap_month Int8,
    is_connected Bool,
    is_private Bool,
    is_verified Bool,
    is_hidden Bool,
    is_unknown Bool,
    is_broken Bool,
    is_counted Bool
)
engine = MergeTree order by (creator, platform) settings index_granularity = 512;
