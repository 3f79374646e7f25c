{{ config(order_by=['platform', 'platform_id'], tags=['hourly']) }}

-- Grain: one row per platform, platform_id. Each field of the demography is of the best source that knows it from a
-- sample that is large enough; quality never comes with it: that of an audience is the follower sample's
-- (Instagram), and beside it stands the channel's own, which is about its growth (YouTube). The share of inauthentic
-- followers is the scorer's, with the interval that it lies in nine times of ten.
with candidates as (
    select
        platform, platform_id, 1 as precedence, 'private' as source,
        male_ratio, female_ratio, gender_sample_size, age_group_ratios, age_group_sample_size,
        city_ratios, city_sample_size, country_ratios, country_sample_size
    from {{ ref('mart_audience_info_private') }}
    union all
    select
        platform, platform_id, 2 as precedence, 'follower_sample' as source,
        male_ratio, female_ratio, gender_sample_size, age_group_ratios, age_group_sample_size,
        city_ratios, city_sample_size, country_ratios, country_sample_size
    from {{ ref('mart_audience_info_follower') }}
    union all
    select
        'YOUTUBE' as platform, platform_id, 3 as precedence, 'vendor' as source,
        male_ratio, female_ratio, gender_sample_size, age_group_ratios, age_group_sample_size,
        city_ratios, city_sample_size, country_ratios, country_sample_size
    from (
        select platform_id, {{ divide_demography(counts_people=false, counts_places=false) | indent(8) }}
        from ({{ select_vendor_demography() | indent(8) }})
    )
    union all
    select
        platform, platform_id, 4 as precedence, 'language_model' as source,
        male_ratio, female_ratio, null as gender_sample_size, age_group_ratios, null as age_group_sample_size,
        city_ratios, null as city_sample_size,
        cast(map(), 'Map(String, Float64)') as country_ratios, null as country_sample_size
    from {{ ref('mart_audience_info_gpt') }}
),

demography as (
    select
        platform,
        platform_id,
        {{ best_sample('gender', '(male_ratio, female_ratio)', 'male_ratio is not null') | indent(8) }},
        {{ best_sample('age_group', 'age_group_ratios', 'notEmpty(age_group_ratios)') | indent(8) }},
        {{ best_sample('city', 'city_ratios', 'notEmpty(city_ratios)') | indent(8) }},
        {{ best_sample('country', 'country_ratios', 'notEmpty(country_ratios)') | indent(8) }}
    from candidates
    group by platform, platform_id
),

quality as (
    select
        platform, platform_id, 'follower_sample' as quality_source, quality_grade, reachability_grade,
        authenticity_grade, null as channel_quality_grade, sample_size, quality_score, reachability_pct,
        authenticity_pct, low_followers_pct, high_following_pct, notable_followers, null as channel_quality_score
    from {{ ref('mart_audience_info_follower') }}
    union all
    select
        'YOUTUBE' as platform, channel_id as platform_id, null as quality_source, null as quality_grade,
        null as reachability_grade, null as authenticity_grade, channel_quality_grade, null as sample_size,
        null as quality_score, null as reachability_pct, null as authenticity_pct, null as low_followers_pct,
        null as high_following_pct, null as notable_followers, channel_quality_score
    from {{ ref('mart_youtube_account') }}
    where channel_quality_score is not null
),

-- Of the newest version the last estimate. Shares of others (version 0) come without an interval and are not shown.
authenticity as (
    select
        'INSTAGRAM' as platform,
        assumeNotNull({{ clean_key('estimate.creator_id') }}) as platform_id,
        {{ clean_measure('estimate.fake_share', 1) }} as fake_share,
        {{ clean_measure('estimate.fake_share_low', 1) }} as fake_share_low,
        {{ clean_measure('estimate.fake_share_high', 1) }} as fake_share_high,
        toUInt64(estimate.sample_size) as fake_share_sample_size,
        {{ clean_text('estimate.method') }} as fake_share_method,
        concat(toString(estimate.rules_version), '.', toString(estimate.model_version)) as fake_share_version
    from {{ source('ds', 'creator_fake_share') }} as estimate
    where estimate.rules_version > 0 and {{ clean_key('estimate.creator_id') }} is not null
    {{ keep_latest(
        'platform_id', 'estimate.rules_version',
        ties=['estimate.model_version', 'estimate.scored_at', 'fake_share'],
    ) }}
)

select
    assumeNotNull(coalesce(demography.platform, quality.platform, authenticity.platform)) as platform,
    assumeNotNull(coalesce(demography.platform_id, quality.platform_id, authenticity.platform_id)) as platform_id,
    demography.gender_source as gender_source,
    demography.age_group_source as age_group_source,
    demography.city_source as city_source,
    demography.country_source as country_source,
    quality.quality_source as quality_source,
    quality.quality_grade as quality_grade,
    quality.reachability_grade as reachability_grade,
    quality.authenticity_grade as authenticity_grade,
    quality.channel_quality_grade as channel_quality_grade,
    demography.best_gender_sample_size as gender_sample_size,
    demography.best_age_group_sample_size as age_group_sample_size,
    demography.best_city_sample_size as city_sample_size,
    demography.best_country_sample_size as country_sample_size,
    quality.sample_size as quality_sample_size,
    demography.best_gender.1 as male_ratio,
    demography.best_gender.2 as female_ratio,
    quality.quality_score as quality_score,
    quality.reachability_pct as reachability_pct,
    quality.authenticity_pct as authenticity_pct,
    quality.low_followers_pct as low_followers_pct,
    quality.high_following_pct as high_following_pct,
    quality.notable_followers as notable_followers,
    quality.channel_quality_score as channel_quality_score,
    quality.channel_quality_score is not null
    and {{ crosses_definition_change('YOUTUBE', 'views', 30) }} as crosses_definition_change,
    demography.best_age_group as age_group_ratios,
    demography.best_city as city_ratios,
    demography.best_country as country_ratios,
    authenticity.fake_share as fake_share,
    authenticity.fake_share_low as fake_share_low,
    authenticity.fake_share_high as fake_share_high,
    if(authenticity.fake_share is null, null, authenticity.fake_share_sample_size)
        as fake_share_sample_size,
    if(authenticity.fake_share is null, null, authenticity.fake_share_method) as fake_share_method,
    if(authenticity.fake_share is null, null, authenticity.fake_share_version) as fake_share_version
from demography
full outer join quality on demography.platform = quality.platform and demography.platform_id = quality.platform_id
full outer join authenticity on
    coalesce(demography.platform, quality.platform) = authenticity.platform
    and coalesce(demography.platform_id, quality.platform_id) = authenticity.platform_id
where
    quality.platform_id is not null
    or authenticity.fake_share is not null
    or coalesce(
        demography.gender_source, demography.age_group_source, demography.city_source, demography.country_source
    ) is not null
