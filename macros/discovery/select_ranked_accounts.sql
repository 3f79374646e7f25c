{#- Accounts of a platform's board that stand below var leaderboard_cut this month or last, in any of the ranks by
    level, change, views and plays: overall, by category, by language and by both. -#}
{% macro select_ranked_accounts(platform) -%}
select distinct platform_id
from {{ ref('mart_leaderboard') }}
where
    platform = '{{ platform }}'
    and month between addMonths({{ month_start(as_of()) }}, -1) and {{ month_start(as_of()) }}
    and arrayExists(
        (rank, place) -> match(rank, '^(followers|followers_change|views|plays)_rank(_by_cat)?(_by_lang|_lang)?$')
            and place < {{ var('leaderboard_cut') }},
        mapKeys(current_month_ranks),
        mapValues(current_month_ranks)
    )
{%- endmacro %}
