{#- What was found in names and handles of creators' followers, one row per run. Those of version 0 are an outside
    model's and name the creator by handle; later versions are the project's own scorer's and name the profile. A separator in
    the handle (_ - .) of a one-word name that it hardly resembles breaks a rule; other values of that feature say that
    the rule is kept or cannot be asked. Unknown features speak for nobody. -#}
{% macro select_follower_features() -%}
select
    coalesce({{ clean_handle('analysis.handle') }}, '') as creator_handle,
    if(analysis.rules_version = 0, null, {{ clean_key('analysis.creator_id') }}) as creator_id,
    assumeNotNull({{ clean_handle('analysis.follower_handle') }}) as follower_handle,
    {{ clean_text('analysis.cleaned_name') }} as clean_name,
    coalesce(analysis.fake_real_based_on_lang, 0) = 1 as has_foreign_script,
    coalesce(analysis.number_more_than_4_handle, 0) = 1 as has_digits,
    coalesce(analysis.chhitij_logic, 0) = 1 as breaks_separator_rule,
    -- The scorer gives 0 where it could not compare; an outside model's 0 is a likeness.
    if(
        analysis.rules_version > 0 and analysis.similarity_score = 0,
        null,
        {{ clean_measure('analysis.similarity_score', 100) }}
    ) as similarity,
    {{ clean_measure('analysis.indian_name_score', 100) }} as name_score,
    {{ clean_measure('analysis.probability', 1) }} as probability,
    {{ clean_measure('analysis.final_v2', 1) }} as final_v2,
    analysis.rules_version as rules_version,
    analysis.model_version as model_version,
    -- Runs of an outside model bear no moment that says which is better.
    if(analysis.rules_version = 0, toDateTime64(0, 6, 'UTC'), analysis.scored_at) as scored_at
from {{ source('ds', 'creator_followers_fake_analysis') }} as analysis
where
    (analysis.rules_version > 0 and {{ clean_key('analysis.creator_id') }} is not null
        or analysis.rules_version = 0 and {{ clean_handle('analysis.handle') }} is not null)
    and {{ clean_handle('analysis.follower_handle') }} is not null
{%- endmacro %}
