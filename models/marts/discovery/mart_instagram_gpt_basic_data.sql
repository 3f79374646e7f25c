{{ config(order_by='handle', tags=['daily']) }}

-- Grain: one row per handle: the latest answer of the language model (which is asked about handles, not ids).
with answers as (
    {{ select_language_model_answers('language_model_basics_source') | indent }}
),

words as (
    select
        *,
        {{ first_answer('dimensions', 'city') }} as city_word,
        {{ first_answer('dimensions', 'state') }} as state_word,
        {{ first_answer('dimensions', 'country', separators='[/,|]') }} as country_word,
        {{ first_answer('dimensions', 'languages') }} as language_word,
        {{ first_answer('dimensions', 'gender') }} as gender_word
    from answers
),

placeholders as (
    select word, applies_to from {{ ref('placeholder') }}
)

select
    handle,
    if(lower(city_word) in (select word from placeholders where applies_to = 'any'), null, city_word) as city,
    if(lower(state_word) in (select word from placeholders where applies_to = 'any'), null, state_word) as state,
    if(lower(country_word) in (select word from placeholders), null, {{ country_code('country_word') }}) as country,
    {{ language_code('language_word') }} as language,
    if(upper(gender_word) in ('MALE', 'FEMALE'), upper(gender_word), null) as gender,
    answered_at
from words
