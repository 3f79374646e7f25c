{#- Answers to the survey of interests that are one word or phrase: our name of each and the survey's heading. -#}
{% macro list_survey_words() -%}
    {%- do return({
        'city': 'g3.City',
        'state': 'g3.State',
        'city_tier': 'g3.Tier',
        'age_band': 'age',
        'price_preference': 'g3.Price preference',
        'discount_preference': 'g3.Discount preference',
        'preferred_channel': 'g3.Preferred channel',
        'preferred_day': 'g3.Preferred day',
        'preferred_hour': 'g3.Preferred hour',
        'persona': 'g3.Persona',
    }) -%}
{%- endmacro %}
