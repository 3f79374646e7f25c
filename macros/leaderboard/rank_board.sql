{#- The rows of the CTE `candidates` (eligible rows of a board) with one column per rank key, in all its dimensions.
    `columns` are those of the candidates besides month, profile_platform and platform_id.

    A month is ordered once per chain, not once per dimension: a rank within a category is a creator's place among the
    creators of that category in the order of the whole board. The accounts of a month are arrays in the order of their
    ids; a chain orders their numbers, counts places along that order, and puts the places back beside the accounts, so that
    nothing is joined. Window functions would sort the rows again for each dimension, and do not spill. -#}
{% macro rank_board(board, columns) -%}
{%- set chains = leaderboard_chains() -%}
{%- set dimensions = leaderboard_dimensions(board) -%}
{%- set held = ['profile_platform', 'platform_id'] + columns -%}
{%- set attributes = ['category', 'language', 'profile_type'] -%}
{%- set used = [] -%}
{%- for dimension in dimensions if dimension.chain not in used -%}{%- do used.append(dimension.chain) -%}{%- endfor -%}
{%- set fields = held + used -%}
select
    month,
    {%- for column in held %}
    account.{{ loop.index }} as {{ column }},
    {%- endfor %}
    {%- for dimension in dimensions %}
    {%- set own = dimensions | selectattr('chain', 'equalto', dimension.chain) | list %}
    if(
        account.{{ fields.index(dimension.chain) + 1 }}
        {%- for attribute in dimension.within %} and account.{{ fields.index(attribute) + 1 }} is not null{% endfor -%}
        , place_{{ dimension.chain }}.{{ own.index(dimension) + 1 }}, null
    ) as {{ dimension.key }}
    {{- ',' if not loop.last }}
    {%- endfor %}
from (
    select
        month,
        accounts,
        {%- for name in used %}
        arraySort((places, number) -> number, arrayZip(
            {%- for dimension in dimensions if dimension.chain == name %}
            {%- if dimension.within %}
            arrayEnumerateUniq(
                {%- for attribute in dimension.within -%}
                order_{{ name }}.{{ attributes.index(attribute) + 2 }}{{ ', ' if not loop.last }}
                {%- endfor -%}
            )
            {%- else %}
            arrayEnumerate(order_{{ name }})
            {%- endif %}
            {{- ',' if not loop.last }}
            {%- endfor %}
        ), order_{{ name }}.1) as places_{{ name }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from (
        select
            month,
            accounts,
            arrayZip(
                arrayEnumerate(accounts)
                {%- for attribute in attributes %}, accounts.{{ fields.index(attribute) + 1 }}{% endfor -%}
            ) as marks
            {%- for name in used %},
            {%- set chain = chains[name] %}
            {%- set metrics = [chain.metric] + chain.then %}
            arraySort(
                (mark, is_ranked, {{ metrics | join(', ') }}) -> (
                    not is_ranked, {% for metric in metrics %}{{ metric }} is null, -ifNull({{ metric }}, 0), {% endfor -%}
                    mark.1
                ),
                marks
                {%- for field in [name] + metrics %}, accounts.{{ fields.index(field) + 1 }}{% endfor %}
            ) as order_{{ name }}
            {%- endfor %}
        from (
            select
                month,
                arraySort(groupArray((
                    {{ held | join(', ') }}
                    {%- for name in used %},
                    {{ chains[name].metric }} is not null
                    {%- if chains[name].eligible %} and ifNull({{ chains[name].eligible }}, false){% endif %}
                    {%- endfor %}
                ))) as accounts
            from candidates
            group by month
        )
    )
)
array join
    accounts as account
    {%- for name in used %},
    places_{{ name }} as place_{{ name }}
    {%- endfor %}
{%- endmacro %}
