{# In every dimension of the board a rank is what a window function gives that sorts the rows by the dimension's chain,
   and there is none where the metric or an attribute is unknown. Written apart from rank_board on purpose. #}
{% test ranks_follow_chains(model, board) %}

{% for dimension in leaderboard_dimensions(board) %}
{%- set chain = leaderboard_chains()[dimension.chain] %}
{%- set order = ([chain.metric] + chain.then) | join(' desc nulls last, ') ~ ' desc nulls last' %}
select rank_key, month, profile_platform, platform_id
from (
    select
        '{{ dimension.key }}' as rank_key,
        month,
        profile_platform,
        platform_id,
        {{ dimension.key }} as found,
        {{ chain.metric }} is not null
        {%- for attribute in dimension.within %} and {{ attribute }} is not null{% endfor %}
        {%- if chain.eligible %} and ifNull({{ chain.eligible }}, false){% endif %} as is_ranked,
        row_number() over (
            partition by {{ (['month'] + dimension.within) | join(', ') }}, is_ranked
            order by {{ order }}, profile_platform, platform_id
        ) as expected
    from {{ model }}
)
where if(is_ranked, ifNull(found != expected, true), found is not null)
{{ 'union all' if not loop.last }}
{% endfor %}

{% endtest %}
