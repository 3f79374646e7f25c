{#- Answers to the survey of interests, one row per handle. The survey bears no time: of several rows of a handle the
    one with the most answers. The name that people gave is left out. -#}
{% macro select_interest_surveys() -%}
{%- set words, lists = list_survey_words(), list_survey_lists() %}
select
    assumeNotNull({{ clean_handle('survey.handle') }}) as survey_handle,
    {%- for name, column in words.items() %}
    {{ clean_text('survey.`' ~ column ~ '`') }} as survey_{{ name }},
    {%- endfor %}
    {%- for name, column in lists.items() %}
    {{ clean_texts("splitByChar(',', coalesce(survey.`" ~ column ~ "`, ''))") }} as survey_{{ name }},
    {%- endfor %}
    {%- for name in words %}
    isNotNull(survey_{{ name }}) +
    {%- endfor %}
    {%- for name in lists %}
    notEmpty(survey_{{ name }}){{ ' +' if not loop.last }}
    {%- endfor %} as answers
from {{ source('ds', 'interest_survey') }} as survey
where {{ clean_handle('survey.handle') }} is not null
{{ keep_latest('survey_handle', 'answers', ties=['survey_city', 'survey_persona', 'survey_brands_interested']) }}
{%- endmacro %}
