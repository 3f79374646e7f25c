{#- The ranks of one board in all its dimensions: month, profile_platform, platform_id and one column per rank key, for
    the rows of the CTE `candidates` (eligible rows with those three columns, the metrics, uploads and the attributes).

    A month is ordered once per chain, not once per dimension: a rank within a category is a creator's place among the
    creators of that category in the order of the whole board. Only ids, attributes and the chain's metrics are held;
    window functions would sort the rows again for each dimension, and do not spill. -#}
{% macro rank_board(board) -%}
{%- set chains = leaderboard_chains() -%}
{%- set dimensions = leaderboard_dimensions(board) -%}
{%- set place = {'category': 1, 'language': 2, 'profile_type': 3, 'profile_platform': 4, 'platform_id': 5} -%}
{%- set used = [] -%}
{%- for dimension in dimensions if dimension.chain not in used -%}{%- do used.append(dimension.chain) -%}{%- endfor -%}
select
    month,
    profile_platform,
    platform_id,
    {%- for dimension in dimensions %}
    {%- set position = dimensions | selectattr('chain', 'equalto', dimension.chain) | list %}
    nullIf(anyIf(places[{{ position.index(dimension) + 1 }}], chain = '{{ dimension.chain }}'), 0) as {{ dimension.key }}
    {{- ',' if not loop.last }}
    {%- endfor %}
from (
    {%- for name in used %}
    {%- set chain = chains[name] %}
    select
        month,
        '{{ name }}' as chain,
        account.{{ place.profile_platform }} as profile_platform,
        account.{{ place.platform_id }} as platform_id,
        [
            {%- for dimension in dimensions if dimension.chain == name %}
            {%- if dimension.within %}
            if(
                {%- for attribute in dimension.within %}
                {{- ' and ' if not loop.first }}account.{{ place[attribute] }} is not null
                {%- endfor %}, place_{{ loop.index }}, 0)
            {%- else %}
            place_{{ loop.index }}
            {%- endif %}
            {{- ',' if not loop.last }}
            {%- endfor %}
        ] as places
    from (
        select
            month,
            arraySort(groupArray((
                ({% for metric in [chain.metric] + chain.then %}{{ metric }} is null, -ifNull({{ metric }}, 0), {% endfor %}
                    profile_platform, platform_id),
                (category, language, profile_type, profile_platform, platform_id)
            ))).2 as accounts
        from candidates
        where {{ chain.metric }} is not null{{ ' and ' ~ chain.eligible if chain.eligible }}
        group by month
    )
    array join
        accounts as account,
        {%- for dimension in dimensions if dimension.chain == name %}
        {%- if dimension.within %}
        arrayEnumerateUniq(
            {%- for attribute in dimension.within -%}
            accounts.{{ place[attribute] }}{{ ', ' if not loop.last }}
            {%- endfor -%}
        ) as place_{{ loop.index }}
        {%- else %}
        arrayEnumerate(accounts) as place_{{ loop.index }}
        {%- endif %}
        {{- ',' if not loop.last }}
        {%- endfor %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)
group by month, profile_platform, platform_id
{%- endmacro %}
