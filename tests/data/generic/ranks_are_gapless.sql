{# In every dimension of the board the ranks of a month and its attributes are 1 to n, each once. #}
{% test ranks_are_gapless(model, board) %}

{% for dimension in leaderboard_dimensions(board) %}
{%- set keys = (['month'] + dimension.within) | join(', ') -%}
select
    '{{ dimension.key }}' as rank_key,
    month,
    count() as ranked,
    uniqExact({{ dimension.key }}) as different,
    max({{ dimension.key }}) as greatest_rank
from {{ model }}
where {{ dimension.key }} is not null
group by {{ keys }}
having different != ranked or greatest_rank != ranked
{{ 'union all' if not loop.last }}
{% endfor %}

{% endtest %}
