{{ config(order_by=['platform', 'profile_key'], tags=['daily']) }}

-- Grain: one row per platform, profile_key. A field's best value: an override, else that of the latest batch.
with instagram_tags as (
    select
        'INSTAGRAM' as platform,
        {{ clean_handle('tag.handle') }} as profile_key,
        false as is_override,
        0 as batch,
        cast(null as Nullable(String)) as profile_type,
        arrayFilter(
            word -> word != '',
            [
                if(upper(tag.category_1_accepted) = 'Y', coalesce(tag.category_1, ''), ''),
                if(upper(tag.category_2_accepted) = 'Y', coalesce(tag.category_2, ''), ''),
                if(upper(tag.category_3_accepted) = 'Y', coalesce(tag.category_3, ''), ''),
                coalesce(tag.additional_category, '')
            ]
        ) as category_words,
        arrayFilter(
            word -> word != '',
            [coalesce(tag.language_1, ''), coalesce(tag.language_2, ''), coalesce(tag.language_3, '')]
        ) as language_words,
        cast(null as Nullable(String)) as gender,
        cast(null as Nullable(String)) as city,
        cast(null as Nullable(String)) as state,
        cast(null as Nullable(String)) as linked_instagram_handle
    from {{ ref('manual_instagram_tag') }} as tag
),

youtube_tags as (
    select
        'YOUTUBE' as platform,
        {{ clean_id('tag.channel_id', 'channel') }} as profile_key,
        tag.is_override,
        tag.batch,
        upper({{ clean_text('tag.profile_type') }}) as profile_type,
        arrayFilter(word -> word != '', [coalesce(tag.category, '')]) as category_words,
        arrayFilter(word -> word != '', [coalesce(tag.language, '')]) as language_words,
        upper({{ clean_text('tag.gender') }}) as gender,
        {{ clean_text('tag.city') }} as city,
        {{ clean_text('tag.state') }} as state,
        -- A handle or a link that ends in one.
        {{ clean_handle("extract(coalesce(tag.linked_instagram_handle, ''), '([^/?]+)/?(?:\\\\?.*)?$')") }}
            as linked_instagram_handle
    from {{ ref('manual_youtube_tag') }} as tag
),

tags as (
    select * from instagram_tags
    union all
    select * from youtube_tags
),

-- In the house's words; a word that it does not know is dropped.
translated as (
    select
        *,
        (is_override, batch) as precedence,
        arrayDistinct(
            arrayFilter(
                category -> category is not null,
                arrayMap(word -> {{ house_category('trimBoth(word)', 'manual') }}, category_words)
            )
        ) as categories,
        arrayDistinct(
            arrayFilter(
                language -> language is not null,
                arrayMap(word -> {{ language_code('trimBoth(word)') }}, language_words)
            )
        ) as languages
    from tags
    where profile_key is not null
)

select
    platform,
    assumeNotNull(profile_key) as profile_key,
    {%- for field, is_usable in {
        'profile_type': "tag.profile_type in ('CREATOR', 'BRAND')",
        'gender': "tag.gender in ('MALE', 'FEMALE')",
        'city': 'tag.city is not null',
        'state': 'tag.state is not null',
        'linked_instagram_handle': 'tag.linked_instagram_handle is not null',
    }.items() %}
    argMaxOrNullIf(tag.{{ field }}, (precedence, tag.{{ field }}), {{ is_usable }}) as {{ field }},
    {%- endfor %}
    argMaxIf(tag.categories, (precedence, tag.categories), notEmpty(tag.categories)) as categories,
    argMaxIf(tag.languages, (precedence, tag.languages), notEmpty(tag.languages)) as languages,
    if(empty(categories), null, categories[1]) as category,
    if(empty(languages), null, languages[1]) as language,
    max(tag.is_override) as has_override
from translated as tag
group by platform, profile_key
