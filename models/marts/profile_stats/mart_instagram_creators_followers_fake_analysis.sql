{{ config(order_by='profile_id', tags=['daily']) }}

-- Grain: one row per profile_id: how many of a creator's analysed followers look made up, and a score of 0 to 100. The
-- features of each follower are computed elsewhere (ds); what they mean together is decided here.
with features as (
    {{ select_follower_features() | indent }}
),

creators as (
    {{ select_analysed_creators() | indent }}
),

-- One row per creator and follower: of the newest version, and of that the last run. Outside models (version 0) do not
-- say which of their runs is the last: of several the one that thinks best of the follower.
followers as (
    select
        assumeNotNull(coalesce(features.creator_id, creators.profile_id)) as profile_id,
        features.follower_handle as follower_handle,
        features.clean_name as clean_name,
        features.has_foreign_script as has_foreign_script,
        features.has_digits as has_digits,
        features.breaks_separator_rule as breaks_separator_rule,
        features.similarity as similarity,
        features.name_score as name_score,
        features.probability as probability,
        features.final_v2 as final_v2,
        features.rules_version as rules_version,
        features.model_version as model_version,
        features.scored_at as scored_at
    from features
    left join creators on features.creator_handle = creators.creator_handle and features.rules_version = 0
    where coalesce(features.creator_id, creators.profile_id) is not null
    {{ keep_latest(
        ['profile_id', 'follower_handle'], 'rules_version',
        ties=[
            'scored_at', 'similarity', 'name_score', 'clean_name', 'has_foreign_script', 'has_digits',
            'breaks_separator_rule', 'model_version', 'probability', 'final_v2',
        ],
    ) }}
),

-- A script that many of the sample write in is their own and gives nothing away.
compared as (
    select
        *,
        has_foreign_script
        and avg(has_foreign_script) over (partition by profile_id) < {{ var('home_script_ratio') }} as is_odd_script,
        coalesce(similarity > 0 and similarity <= 40, false) as has_weak_name,
        multiIf(
            is_odd_script or has_digits or breaks_separator_rule, 'fake',
            similarity is null, 'unknown',
            has_weak_name, 'doubtful',
            'real'
        ) as verdict
    from followers
),

-- Who bears no sign and whose likeness nobody could measure is not judged, and so is no real follower.
judged as (
    select
        *,
        if(clean_name is null, 0, count() over (partition by profile_id, clean_name)) as namesakes
    from compared
    where verdict != 'unknown'
),

accounts as (
    select
        account.profile_id as profile_id,
        account.handle as handle,
        {{ country_code('account.country') }} as country
    from {{ ref_latest('stg_beat_instagram_account', 'account') }}
),

counted as (
    select
        judged.profile_id as profile_id,
        count() as sampled_followers,
        countIf(verdict = 'fake') as fake_followers,
        countIf(verdict = 'doubtful') as doubtful_followers,
        countIf(verdict = 'real') as real_followers,
        100 * (fake_followers + doubtful_followers / 3) / sampled_followers as fake_followers_pct,
        100 * avg(is_odd_script) as odd_script_pct,
        100 * avg(has_digits) as digits_pct,
        100 * avg(breaks_separator_rule) as separator_rule_pct,
        100 * avg(has_weak_name) as weak_name_pct,
        {%- for times in [3, 5, 10] %}
        100 * avg(namesakes > {{ times }}) as names_over_{{ times }}_times_pct,
        {%- endfor %}
        100 - avg(name_score) as unlikely_names_pct
    from judged
    group by profile_id
),

-- What the scorer adds to its features: version 2 of the rules, and a probability. It judges likeness by itself, so
-- followers that are left out above count here.
scored as (
    select
        profile_id,
        count(probability) as scored_followers,
        avg(probability) as mean_fake_probability,
        100 * avg(final_v2) as final_v2_pct,
        max(rules_version) as rules_version,
        max(model_version) as model_version
    from followers
    group by profile_id
)

select
    counted.profile_id as profile_id,
    accounts.handle as handle,
    accounts.country as country,
    counted.sampled_followers as sampled_followers,
    counted.fake_followers as fake_followers,
    counted.doubtful_followers as doubtful_followers,
    counted.real_followers as real_followers,
    scored.scored_followers as scored_followers,
    counted.fake_followers_pct as fake_followers_pct,
    counted.odd_script_pct as odd_script_pct,
    counted.digits_pct as digits_pct,
    counted.separator_rule_pct as separator_rule_pct,
    counted.weak_name_pct as weak_name_pct,
    counted.names_over_3_times_pct as names_over_3_times_pct,
    counted.names_over_5_times_pct as names_over_5_times_pct,
    counted.names_over_10_times_pct as names_over_10_times_pct,
    counted.unlikely_names_pct as unlikely_names_pct,
    -- Weights 3, 1 and 1. The names' model knows the names of one country only: elsewhere it has no say.
    multiIf(
        counted.sampled_followers < {{ var('fake_analysis_min_sample') }}, null,
        accounts.country = '{{ var("name_model_country") }}' and counted.unlikely_names_pct is not null,
        (3 * counted.unlikely_names_pct + counted.names_over_5_times_pct + counted.fake_followers_pct) / 5,
        (counted.names_over_5_times_pct + counted.fake_followers_pct) / 2
    ) as fake_follower_score,
    scored.final_v2_pct as final_v2_pct,
    scored.mean_fake_probability as mean_fake_probability,
    scored.rules_version as rules_version,
    scored.model_version as model_version
from counted
inner join scored on counted.profile_id = scored.profile_id
left join accounts on counted.profile_id = accounts.profile_id
