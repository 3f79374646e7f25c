-- Outputs of models outside this project, and one survey.
create database if not exists ds;

create table ds.categorization_zsl
(
    profile_id String,
    ig_category Nullable(String),
    cat_from_ig_cat Array(Tuple(String, Float64)),
    cat_from_bio Array(Tuple(String, Float64))
)
engine = MergeTree order by profile_id;

create table ds.instagram_prediction
(
    profile_id Int64,
    gender_male Float64,
    gender_female Float64,
    gender_from_img_model Nullable(String),
    age Nullable(Float64),
    top_cities Nullable(String),
    city Nullable(String),
    state Nullable(String),
    country Nullable(String)
)
engine = MergeTree order by profile_id;

create table ds.creator_followers_fake_analysis
(
    handle String,
    follower_handle String,
    follower_full_name String,
    symbolic_name String,
    transliterated_follower_name String,
    decoded_name String,
    cleaned_handle String,
    cleaned_name String,
    fake_real_based_on_lang Nullable(UInt8),
    chhitij_logic Nullable(UInt8),
    number_more_than_4_handle Nullable(UInt8),
    fake_real_based_on_fuzzy_score_90 Nullable(UInt8),
    process1_ Nullable(UInt8),
    numeric_handle Nullable(UInt8),
    score_80 Nullable(UInt8),
    number_handle Int32,
    similarity_score Float64,
    final_ Float64,
    indian_name_score Float64
)
engine = MergeTree order by (handle, follower_handle, follower_full_name);

create table ds.interest_survey
(
    handle String,
    `g3.Name` Nullable(String),
    `g3.City` Nullable(String),
    `g3.State` Nullable(String),
    `g3.Tier` Nullable(String),
    `g3.Brands Interested` Nullable(String),
    `g3.Brands Purchased From` Nullable(String),
    `g3.Categories Interested` Nullable(String),
    `g3.Concerns` Nullable(String),
    `g3.Ingredients Interested` Nullable(String),
    `g3.Price preference` Nullable(String),
    `g3.Discount preference` Nullable(String),
    `g3.Preferred channel` Nullable(String),
    `g3.Preferred day` Nullable(String),
    `g3.Preferred hour` Nullable(String),
    `g3.Persona` Nullable(String),
    `g3.Insta Handle` Nullable(String),
    profiles_i_follow Nullable(String),
    my_top_influencers Nullable(String),
    my_top_brands Nullable(String),
    brand_mentions Nullable(String),
    time_slots Nullable(String),
    age Nullable(String)
)
engine = MergeTree order by handle;
