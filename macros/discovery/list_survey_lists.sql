{#- Answers to the survey of interests that are lists, with commas between: our name of each and its heading. -#}
{% macro list_survey_lists() -%}
    {%- do return({
        'brands_interested': 'g3.Brands Interested',
        'brands_purchased': 'g3.Brands Purchased From',
        'categories_interested': 'g3.Categories Interested',
        'concerns': 'g3.Concerns',
        'ingredients_interested': 'g3.Ingredients Interested',
        'followed_profiles': 'profiles_i_follow',
        'top_influencers': 'my_top_influencers',
        'top_brands': 'my_top_brands',
        'brand_mentions': 'brand_mentions',
        'time_slots': 'time_slots',
    }) -%}
{%- endmacro %}
