{#- What a model outside this project found in names and handles of creators' followers, one row per run. A separator in
    the handle (_ - .) of a one-word name that it hardly resembles breaks a rule; other values of that feature say that
    the rule is kept or cannot be asked. Unknown features speak for nobody. -#}
{% macro select_follower_features() -%}
select
    assumeNotNull({{ clean_handle('analysis.handle') }}) as creator_handle,
    assumeNotNull({{ clean_handle('analysis.follower_handle') }}) as follower_handle,
    {{ clean_text('analysis.cleaned_name') }} as clean_name,
    coalesce(analysis.fake_real_based_on_lang, 0) = 1 as has_foreign_script,
    coalesce(analysis.number_more_than_4_handle, 0) = 1 as has_digits,
    coalesce(analysis.chhitij_logic, 0) = 1 as breaks_separator_rule,
    {{ clean_measure('analysis.similarity_score', 100) }} as similarity,
    {{ clean_measure('analysis.indian_name_score', 100) }} as name_score
from {{ source('ds', 'creator_followers_fake_analysis') }} as analysis
where
    {{ clean_handle('analysis.handle') }} is not null
    and {{ clean_handle('analysis.follower_handle') }} is not null
{%- endmacro %}
