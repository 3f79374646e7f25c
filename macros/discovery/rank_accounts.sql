{#- Ranks of accounts by followers, over narrow rows: unique row numbers by followers, then growth of 30 days, then
    the third metric (both descending, unknown last), then the key. Within country, country and category, category,
    and language; without one of them there is no rank, nor without a follower. -#}
{% macro rank_accounts(accounts, key, third_metric) -%}
{%- set chain = 'order by followers desc, followers_growth_30d desc nulls last, ' ~ third_metric
    ~ ' desc nulls last, ' ~ key ~ ' asc' -%}
{%- set partitions = {
    'followers_rank_by_country': ['country'],
    'followers_rank_by_country_category': ['country', 'category'],
    'followers_rank_by_category': ['category'],
    'followers_rank_by_language': ['language'],
} -%}
select
    {{ key }} as ranked_id
    {%- for rank, columns in partitions.items() %},
    if(
        {{ columns | join(' is not null and ') }} is not null,
        row_number() over (partition by {{ columns | join(', ') }} {{ chain }}),
        null
    ) as {{ rank }}
    {%- endfor %}
from {{ accounts }}
where followers >= 1
{%- endmacro %}
