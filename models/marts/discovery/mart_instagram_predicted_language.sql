{{ config(order_by='profile_id', tags=['weekly']) }}

-- Grain: one row per profile_id whose captions are mostly in one language: more than half of those whose language is
-- known, at least 5 of them. A caption's language is found by its script if only one language uses it, else by the stop
-- words of the languages that share the script. Hashtags, mentions and links are no caption.
with captions as (
    select
        post.shortcode,
        assumeNotNull(post.profile_id) as profile_id,
        lowerUTF8(replaceRegexpAll(post.caption, '[#@][\\pL\\pM\\pN_.]+|https?://\\S+', ' ')) as words
    from {{ ref_latest('stg_beat_instagram_post', 'post') }}
    where post.profile_id is not null and post.caption is not null
    order by post.profile_id, post.published_at desc, post.shortcode
    limit {{ var('captions_per_profile') }} by post.profile_id
),

scripts as (
    select
        groupArray(concat('\\p{', script, '}')) as patterns,
        groupArray(coalesce(language, '')) as languages
    from (select script, language from {{ ref('script_language') }} order by script)
),

-- Kana beside Han is Japanese.
scripted as (
    select
        shortcode,
        profile_id,
        words,
        arrayDistinct(
            arrayMap(
                script -> (select languages from scripts)[script],
                multiMatchAllIndices(assumeNotNull(words), (select patterns from scripts))
            )
        ) as found,
        if(has(found, 'ja'), arrayFilter(language -> language != 'zh', found), found) as script_languages
    from captions
),

-- A caption's words or, where its script gives the language, that language behind a blank, which no word has; nothing
-- where scripts of several languages stand side by side.
signs as (
    select
        shortcode,
        profile_id,
        arrayJoin(
            multiIf(
                script_languages in ([], ['']), arrayDistinct(extractAll(words, '[\\pL\\pM]+')),
                length(script_languages) = 1, [concat(' ', script_languages[1])],
                []
            )
        ) as sign
    from scripted
),

sign_languages as (
    select word as sign, language
    from {{ ref('stop_word') }}
    union distinct
    select concat(' ', language) as sign, language
    from {{ ref('script_language') }}
    where language is not null
),

-- The language of the script, or the one with the most different stop words in the caption; none when two have as many.
told as (
    select
        profile_id,
        sign_languages.language as language,
        count() as hits,
        row_number() over (partition by shortcode order by hits desc) as place,
        leadInFrame(hits) over (
            partition by shortcode order by hits desc rows between unbounded preceding and unbounded following
        ) as next_hits
    from signs
    inner join sign_languages using (sign)
    group by shortcode, profile_id, language
),

per_language as (
    select profile_id, language, count() as posts, sum(posts) over (partition by profile_id) as told_posts
    from told
    where place = 1 and hits > next_hits
    group by profile_id, language
)

select
    profile_id,
    language,
    posts as language_posts,
    told_posts,
    posts / told_posts as language_ratio
from per_language
where told_posts >= {{ var('language_min_posts') }} and posts > told_posts / 2
