{#- Columns of a platform's insights that hold weights as JSON: an audience by gender and age, or by place. -#}
{% macro list_insight_weights(platform) -%}
    {%- set of_platform = {
        'INSTAGRAM': [
            'audience_gender_age', 'audience_city', 'audience_country', 'audience_locale', 'reached_audience_gender_age',
            'reached_audience_city', 'reached_audience_country', 'engaged_audience_gender_age', 'engaged_audience_city',
            'engaged_audience_country',
        ],
        'YOUTUBE': ['gender_age', 'city', 'country'],
    } -%}
    {{- return(of_platform[platform]) -}}
{%- endmacro %}
