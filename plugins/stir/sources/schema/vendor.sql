-- A vendor's frozen history, as its dumps came: mostly text, missing values often the word NULL.
create database if not exists vendor;

create table vendor.social_profiles
(
    youtube_userid String,
    instagram_userid String,
    instagram_username String,
    country String,
    language String,
    ccatid String,
    youtube_category String,
    contacts_email String,
    contacts_phone String,
    youtube_demographic_m_all Nullable(Float64),
    youtube_demographic_f_all Nullable(Float64),
    youtube_demographic_m_13_17 Nullable(Float64),
    youtube_demographic_m_18_24 Nullable(Float64),
    youtube_demographic_m_25_34 Nullable(Float64),
    youtube_demographic_m_35_44 Nullable(Float64),
    youtube_demographic_m_45_54 Nullable(Float64),
    youtube_demographic_m_55_64 Nullable(Float64),
    youtube_demographic_m_65 Nullable(Float64),
    youtube_demographic_f_13_17 Nullable(Float64),
    youtube_demographic_f_18_24 Nullable(Float64),
    youtube_demographic_f_25_34 Nullable(Float64),
    youtube_demographic_f_35_44 Nullable(Float64),
    youtube_demographic_f_45_54 Nullable(Float64),
    youtube_demographic_f_55_64 Nullable(Float64),
    youtube_demographic_f_65 Nullable(Float64)
)
engine = MergeTree order by youtube_userid;

create table vendor.youtube_channels
(
    id String,
    title String,
    description String,
    custom_url String,
    country String,
    thumbnail String,
    video_count String,
    view_count String,
    subscriber_count String,
    last_updated_at String,
    snapshot_date Date
)
engine = MergeTree order by (id, snapshot_date);

create table vendor.channels_monthly_stats
(
    id String,
    month String,
    lifetime_views Nullable(Int64),
    lifetime_subscribers Nullable(Int64),
    lifetime_uploads Nullable(Int64)
)
engine = MergeTree order by (id, month);

create table vendor.instagram_page_stats
(
    page_id String,
    month String,
    followers String,
    prev_followers String
)
engine = MergeTree order by (page_id, month);

create table vendor.instagram_posts_historical
(
    profile_id Nullable(String),
    handle Nullable(String),
    shortcode Nullable(String),
    post_type Nullable(String),
    likes Nullable(Int64),
    comments Nullable(Int64),
    views Nullable(Int64),
    plays Nullable(Int64),
    publish_time Nullable(DateTime('UTC'))
)
engine = MergeTree order by (profile_id, shortcode) settings allow_nullable_key = 1;

create table vendor.instagram_profiles
(
    profile_id Nullable(String),
    profile_name Nullable(String),
    followers Nullable(String),
    country Nullable(String),
    city Nullable(String),
    gender Nullable(String),
    email Nullable(String),
    contact_phone_number Nullable(String),
    public_phone_number Nullable(String),
    saved_thumbnail Nullable(String)
)
engine = MergeTree order by profile_id settings allow_nullable_key = 1;
