-- Zero-shot categories with realistic error: mostly right and sure, sometimes unsure, now and then wrong.
insert into ds.categorization_zsl
select
    account_id as profile_id,
    if(world_draw(key, 'business', 0, 100) < 55, world_instagram_label(category), null) as ig_category,
    if(ig_category is null, [], [(guess, sure), (other, round(1 - sure, 4))]) as cat_from_ig_cat,
    [(guess, round(sure * 0.98, 4)), (other, round(1 - sure, 4))] as cat_from_bio
from (
    select *,
        world_category(world_draw(key, 'wrong guess', 1, 1000)) as wrong,
        -- Groups whose size is exact need right and sure guesses.
        if(world_draw(key, 'wrong guess', 0, 100) < 6 and not is_counted, wrong, category) as guess,
        world_category(world_draw(key, 'other guess', 0, 1000)) as other,
        if(world_draw(key, 'sure', 0, 100) < 85 or is_counted, 0.93 + toFloat64(world_draw(key, 'sure', 1, 70)) / 1000,
            0.5 + toFloat64(world_draw(key, 'sure', 1, 400)) / 1000) as sure
    from world.account
    where creator >= {first:Int64} and creator < {last:Int64} and platform = 'INSTAGRAM' and {after:Int64} = 0
        and known_category is not null and born_at < {start:Int64}
        and (world_draw(key, 'categorised', 0, 100) < 90 or is_counted)
);

-- Attributes that a model guessed of sampled followers.
insert into ds.instagram_prediction
select
    follower_id as profile_id,
    round(male / 100, 2) as gender_male,
    round(1 - male / 100, 2) as gender_female,
    multiIf(world_draw(follower_key, 'no face', 0, 3) = 0, null, male > 50, 'M', 'F') as gender_from_img_model,
    if(world_draw(follower_key, 'no age', 0, 4) = 0, null, 14 + world_draw(follower_key, 'age', 0, 45)) as age,
    concat('["', city, '"]') as top_cities,
    city,
    null as state,
    follower_country as country
from (
    select * except city,
        world_draw(follower_key, 'male', 0, 101) as male,
        world_city(follower_country, follower_key) as city
    from world.followers(first = {first:Int64}, last = {last:Int64})
    where {after:Int64} = 0 and world_draw(follower_key, 'predicted', 0, 10) < 8
);

-- Features of the same followers; one in twenty came in two runs, and the second judged its name a little worse.
-- Scores carry the matcher's error; the script flag goes by the letters, of real people too. A name in such a script is
-- not compared with the handle.
insert into ds.creator_followers_fake_analysis (
    handle, follower_handle, follower_full_name, symbolic_name, transliterated_follower_name, decoded_name,
    cleaned_handle, cleaned_name, fake_real_based_on_lang, chhitij_logic, number_more_than_4_handle,
    fake_real_based_on_fuzzy_score_90, process1_, numeric_handle, score_80, number_handle, similarity_score, final_,
    indian_name_score, run_id)
select
    crawled_handle as handle,
    follower_handle,
    follower_name as follower_full_name,
    follower_name as symbolic_name,
    lowerUTF8(read_name) as transliterated_follower_name,
    lowerUTF8(read_name) as decoded_name,
    replaceRegexpAll(follower_handle, '[^a-z]', '') as cleaned_handle,
    lowerUTF8(read_name) as cleaned_name,
    has_script as fake_real_based_on_lang,
    separator_rule as chhitij_logic,
    number_handle > 4 as number_more_than_4_handle,
    similarity <= 90 as fake_real_based_on_fuzzy_score_90,
    separator_rule as process1_,
    number_handle > 4 as numeric_handle,
    indian_name_score > 80 as score_80,
    toInt32(length(replaceRegexpAll(follower_handle, '[^0-9]', ''))) as number_handle,
    toFloat64(similarity) as similarity_score,
    multiIf(has_script or number_handle > 4 or separator_rule = 1, 1., similarity > 0 and similarity <= 40, 0.33, 0.)
        as final_,
    toFloat64(if(names_of <= 8 and trait not in (0, 2), 70, 20) + world_draw(follower_key, 'name score', 0, 30))
        as indian_name_score,
    toString(run) as run_id
from (
    select *,
        arrayJoin(if(world_draw(follower_key, 'twice', 0, 20) = 0, [0, 1], [0])) as run,
        toUInt8(match(follower_name, '[\\p{Greek}\\p{Armenian}\\p{Georgian}\\p{Han}\\p{Hangul}]')) as has_script,
        if(has_script or trait in (0, 2), plain_name, latin_name) as read_name,
        position(read_name, ' ') > 0 as has_two_words,
        multiIf(
            has_script, 0,
            not is_fitting, 12 + world_draw(follower_key, 'similarity', 0, 45) - run,
            if(has_two_words, 80, 78) + world_draw(follower_key, 'similarity', 1, 21) - run) as similarity,
        toUInt8(multiIf(not match(follower_handle, '[_.-]'), 2, has_two_words, 0, similarity <= 80, 1, 0))
            as separator_rule
    from world.followers(first = {first:Int64}, last = {last:Int64})
    where {after:Int64} = 0
);

-- Shares that a vendor estimates without saying how, some ten points off in either direction.
insert into ds.creator_fake_share
select
    account_id as creator_id,
    greatest(0., least(1., sum(is_fake) / count() + toFloat64(world_draw(key, 'estimate', 0, 201) - 100) / 1000))
        as fake_share,
    null as fake_share_low,
    null as fake_share_high,
    toUInt32(count()) as sample_size,
    'vendor' as method,
    0 as rules_version,
    0 as model_version,
    '' as run_id,
    toDateTime64(0, 6, 'UTC') as scored_at
from world.followers(first = {first:Int64}, last = {last:Int64})
where {after:Int64} = 0
group by account_id, key;

insert into ds.interest_survey
select
    first_handle as handle,
    title,
    city,
    null,
    ['Tier 1', 'Tier 2', 'Tier 3'][1 + world_draw(key, 'tier', 0, 3)],
    'Nykaa, boAt',
    'Amazon',
    category,
    'Acne, Dryness',
    'Niacinamide',
    ['Low', 'Medium', 'High'][1 + world_draw(key, 'price', 0, 3)],
    ['10%', '20%', 'BOGO'][1 + world_draw(key, 'discount', 0, 3)],
    'Instagram',
    ['Monday', 'Saturday', 'Sunday'][1 + world_draw(key, 'weekday', 0, 3)],
    ['Morning', 'Evening', 'Night'][1 + world_draw(key, 'hour', 1, 3)],
    ['Explorer', 'Loyalist', 'Deal seeker'][1 + world_draw(key, 'persona', 0, 3)],
    first_handle,
    null,
    null,
    'Mamaearth',
    '12',
    '18-21',
    ['18-24', '25-34', '35-44'][1 + world_draw(key, 'survey age', 0, 3)]
from world.account
where creator >= {first:Int64} and creator < {last:Int64} and platform = 'INSTAGRAM' and {after:Int64} = 0
    and born_at < {start:Int64} and world_draw(key, 'surveyed', 0, 10) = 0;
