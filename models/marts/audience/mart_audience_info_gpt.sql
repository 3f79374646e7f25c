{{ config(order_by=['platform', 'platform_id'], tags=['daily']) }}

-- Grain: one row per platform, platform_id: what a language model guesses of an audience, its latest answer. It is
-- asked about a handle; an answer about a handle that no profile has is nobody's.
with answers as (
    {{ select_language_model_answers('language_model_audience_source') | indent }}
),

owners as (
    {{ select_handle_owners() | indent }}
),

placeholders as (
    select groupArray(word) as words from {{ ref('placeholder') }}
),

named as (
    select
        owners.profile_id as platform_id,
        answers.answered_at as answered_at,
        -- "18-24 male" becomes M_18-24; what is no gender and age of ours is left out.
        {{ keep_age_groups(pool_names(
            parse_weights('answers.dimensions', 'audience_gender_age'),
            "concat(upper(left(splitByChar(' ', name)[-1], 1)), '_', splitByChar(' ', name)[1])"
        )) | indent(8) }} as age_groups,
        mapFilter(
            (name, weight) -> not has((select words from placeholders), name),
            {{ pool_cities(parse_weights('answers.dimensions', 'audience_city')) | indent(12) }}
        ) as cities
    from answers
    inner join owners on answers.handle = owners.handle
),

divided as (
    select
        platform_id,
        answered_at,
        -- A guess of a few cities only is taken for none.
        if(length(cities) >= {{ var('language_model_min_cities') }}, cities, mapFilter((name, weight) -> false, cities))
            as city_weights,
        cast(map(), 'Map(String, Float64)') as country_weights,
        {{ divide_demography(counts_people=false, counts_places=false) | indent(8) }}
    from named
)

select
    'INSTAGRAM' as platform,
    platform_id,
    male_ratio,
    female_ratio,
    age_group_ratios,
    city_ratios,
    answered_at
from divided
where notEmpty(age_group_ratios) or notEmpty(city_ratios)
