{#- The rank dimensions of a board, the one list from which models and tests take them. A board is INSTAGRAM (40
    dimensions), YOUTUBE (32) or ALL (24). A dimension has the key under which it is published, the chain that orders it
    (leaderboard_chains) and the attributes within which, besides month and board, it ranks. -#}
{% macro leaderboard_dimensions(board) -%}
    {%- set partitions = [
        ('', []),
        ('_by_cat', ['category']),
        ('_by_lang', ['language']),
        ('_by_cat_lang', ['category', 'language']),
        ('_by_profile', ['profile_type']),
        ('_by_cat_profile', ['category', 'profile_type']),
        ('_by_lang_profile', ['language', 'profile_type']),
        ('_by_cat_lang_profile', ['category', 'language', 'profile_type']),
    ] -%}
    {%- set chains = {'INSTAGRAM': 'FCVPE', 'YOUTUBE': 'FCVE', 'ALL': 'FCV'}[board] -%}
    {%- set stems = {
        'F': 'followers_rank', 'C': 'followers_change_rank', 'V': 'views_rank', 'P': 'plays_rank', 'E': 'engagement_rank',
    } -%}
    {%- set dimensions = [] -%}
    {%- for chain in chains -%}
        {%- for suffix, attributes in partitions -%}
            {%- do dimensions.append({'key': stems[chain] ~ suffix, 'chain': chain, 'within': attributes}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- return(dimensions) -}}
{%- endmacro %}
