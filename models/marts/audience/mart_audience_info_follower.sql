{{ config(order_by=['platform', 'platform_id'], tags=['daily']) }}

-- Grain: one row per platform, platform_id: the audience of an account by its followers, of any account with a
-- sample of var audience_min_sample. Followers bring their own counts; a model guesses their gender, age and place.
{%- set reachable_below = 1500 %}
{%- set overloaded_above = 5000 %}
{%- set real_ratio = 0.1 %}
{%- set silent_below = 10 %}
{%- set notable_above = 100000 %}
{%- set sure_gender = 0.7 %}
with edges as (
    select
        edge.target_profile_id as platform_id,
        edge.source_profile_id as follower_id,
        edge.source_followers as followers,
        edge.source_following as following,
        edge.seen_at as seen_at
    from {{ ref_latest('stg_beat_profile_relationship_log', 'edge') }}
    where edge.platform = 'INSTAGRAM' and edge.relationship_type = 'follower'
),

-- The picture gives the gender, else the name where it is sure.
predictions as (
    select
        toString(prediction.profile_id) as follower_id,
        multiIf(
            upper({{ clean_text('prediction.gender_from_img_model') }}) in ('M', 'F'),
            upper({{ clean_text('prediction.gender_from_img_model') }}),
            {{ clean_measure('prediction.gender_male', 1) }} > {{ sure_gender }}, 'M',
            {{ clean_measure('prediction.gender_female', 1) }} > {{ sure_gender }}, 'F',
            null
        ) as gender,
        {{ age_band('prediction.age') | indent(8) }} as age,
        lowerUTF8({{ clean_text('prediction.city') }}) as city,
        {{ country_code(clean_text('prediction.country')) | indent(8) }} as country
    from {{ source('ds', 'instagram_prediction') }} as prediction
    {{ keep_latest('follower_id', 'gender', ties=['age', 'city', 'country']) }}
),

-- Shares of the followers of whom the counts are known.
sampled as (
    select
        edges.platform_id as platform_id,
        count() as sample_size,
        100 * avg(edges.following < {{ reachable_below }}) as reachability_pct,
        100 * avg({{ divide('edges.followers', 'edges.following') }} >= {{ real_ratio }}) as authenticity_pct,
        100 * avg(edges.followers < {{ silent_below }}) as low_followers_pct,
        100 * avg(edges.following > {{ overloaded_above }}) as high_following_pct,
        100 - 0.25 * low_followers_pct - 0.25 * high_following_pct - 0.5 * (100 - authenticity_pct) as quality_score,
        countIf(edges.followers > {{ notable_above }}) as notable_followers,
        count(predictions.gender) as gender_sample_size,
        {{ divide("countIf(predictions.gender = 'M')", 'gender_sample_size') }} as male_ratio,
        {{ divide("countIf(predictions.gender = 'F')", 'gender_sample_size') }} as female_ratio,
        sumMapIf(
            map(concat(coalesce(predictions.gender, ''), '_', coalesce(predictions.age, '')), 1.),
            predictions.gender is not null and predictions.age is not null
        ) as age_groups,
        sumMapIf(map(coalesce(predictions.city, ''), 1.), predictions.city is not null) as cities,
        sumMapIf(map(coalesce(predictions.country, ''), 1.), predictions.country is not null) as countries,
        max(edges.seen_at) as last_seen_at
    from edges
    left join predictions on edges.follower_id = predictions.follower_id
    group by platform_id
    having sample_size >= {{ var('audience_min_sample') }}
)

select
    'INSTAGRAM' as platform,
    platform_id,
    {{ grade_share('reachability_pct') | indent }} as reachability_grade,
    {{ grade_share('authenticity_pct') | indent }} as authenticity_grade,
    {{ grade_share('100 - low_followers_pct') | indent }} as low_followers_grade,
    {{ grade_share('100 - high_following_pct') | indent }} as high_following_grade,
    {{ grade_share('quality_score') | indent }} as quality_grade,
    sample_size,
    reachability_pct,
    authenticity_pct,
    low_followers_pct,
    high_following_pct,
    quality_score,
    notable_followers,
    male_ratio,
    female_ratio,
    gender_sample_size,
    toUInt64(arraySum(mapValues(age_groups))) as age_group_sample_size,
    toUInt64(arraySum(mapValues(cities))) as city_sample_size,
    toUInt64(arraySum(mapValues(countries))) as country_sample_size,
    {{ share_out('age_groups') }} as age_group_ratios,
    {{ share_out('cities') }} as city_ratios,
    {{ share_out('countries') }} as country_ratios,
    last_seen_at
from sampled
