{{ config(order_by=['platform', 'platform_id'], tags=['hourly'], access='private') }}

-- Grain: one row per platform, platform_id: what accounts that authorised us show of their audience. YouTube gives
-- gender and age as percentages of viewers, everything else are counts.
with instagram as (
    select
        profile_id as platform_id,
        age_groups,
        {{ pool_cities('cities') | indent(8) }} as city_weights,
        {{ pool_countries('countries') | indent(8) }} as country_weights,
        updated_at
    from {{ ref('stg_beat_instagram_profile_insights') }}
),

youtube as (
    select
        channel_id as platform_id,
        age_groups,
        {{ pool_cities('cities') | indent(8) }} as city_weights,
        {{ pool_countries('countries') | indent(8) }} as country_weights,
        updated_at
    from {{ ref('stg_beat_youtube_profile_insights') }}
),

divided as (
    select 'INSTAGRAM' as platform, platform_id, {{ divide_demography() | indent(8) }}, updated_at
    from instagram
    union all
    select 'YOUTUBE' as platform, platform_id, {{ divide_demography(counts_people=false) | indent(8) }}, updated_at
    from youtube
)

select
    platform,
    platform_id,
    male_ratio,
    female_ratio,
    unknown_gender_ratio,
    gender_sample_size,
    age_group_sample_size,
    city_sample_size,
    country_sample_size,
    age_group_ratios,
    city_ratios,
    country_ratios,
    updated_at
from divided
where notEmpty(age_group_ratios) or notEmpty(city_ratios) or notEmpty(country_ratios)
