{#- The order chains by which leaderboard dimensions rank: the metric ranked and what decides between equals, all
    descending with the unknown last; the account's id, ascending, decides in the end, so a rank is a unique row number.
    `eligible` narrows who is ranked by the chain; without its metric nobody is. -#}
{% macro leaderboard_chains() -%}
    {{- return({
        'F': {'metric': 'followers', 'then': ['followers_change', 'views']},
        'C': {'metric': 'followers_change', 'then': ['followers', 'views']},
        'V': {'metric': 'views', 'then': ['followers', 'followers_change']},
        'P': {'metric': 'plays', 'then': ['followers', 'followers_change']},
        'E': {'metric': 'engagement_ratio', 'then': ['followers'], 'eligible': 'uploads >= 3 and followers >= 1000'},
    }) -}}
{%- endmacro %}
