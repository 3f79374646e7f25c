{{ config(order_by='profile_id', tags=['daily']) }}

-- Grain: one row per profile_id whose category the classifier is sure of (score above 0.9). What Instagram's own label
-- says beats what the biography says.
with guesses as (
    select
        assumeNotNull({{ clean_id('scores.profile_id', 'profile') }}) as profile_id,
        arrayReverseSort(
            guess -> (guess.2, guess.1), arrayFilter(scored -> scored.2 between 0 and 1, scores.cat_from_ig_cat)
        )[1] as label_guess,
        arrayReverseSort(
            guess -> (guess.2, guess.1), arrayFilter(scored -> scored.2 between 0 and 1, scores.cat_from_bio)
        )[1] as biography_guess,
        label_guess.2 > {{ var('sure_category_score') }} as is_from_label,
        if(is_from_label, label_guess, biography_guess) as best_guess,
        best_guess.1 as category,
        best_guess.2 as score
    from {{ source('ds', 'categorization_zsl') }} as scores
    where {{ clean_id('scores.profile_id', 'profile') }} is not null
)

select
    profile_id,
    category,
    if(is_from_label, 'label', 'biography') as category_basis,
    score
from guesses
where
    score > {{ var('sure_category_score') }}
    and category in (select house.category from {{ ref('category') }} as house)
{{ keep_latest('profile_id', 'is_from_label', ties=['score', 'category']) }}
