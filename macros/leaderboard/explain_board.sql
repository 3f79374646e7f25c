{#- Why the ranks of a board moved: one row per month, profile_platform and platform_id that has a rank within the cut
    now and had it the month before. Four maps from the key of the rank to places, positive where places were won:

    rivals_gone      rivals who were ahead and have the rank no more
    rivals_new       rivals who are ahead and had it not, negative
    own_movement     what the account's own values of now win among the others as they were
    others_movement  the rest: what the movement of the others brings

    Among those that have the rank in both months an account was at place `was` of then, is at `now`, and would be at
    `held` with its values of now among the others' of then: own = was - held, others = held - now. One list per month
    and chain holds everybody twice, with the values of then (side 1) and of now (side 2), in the order of the ranks;
    the three places are counted along it, as in rank_board, with no comparison of pairs. An account does not pass
    itself: its own side 1 is taken off where it stands before its side 2. -#}
{% macro explain_board(model, board) -%}
{%- set dimensions = leaderboard_dimensions(board) -%}
{%- set within = dimensions | selectattr('chain', 'equalto', dimensions[0].chain) | list -%}
{%- set stem = within[0].key | length -%}
{%- set place = {'category': 2, 'language': 3, 'profile_type': 4} -%}
{%- set parts = {
    'rivals_gone': 'was_ranks[n] - was[n]',
    'rivals_new': 'now[n] - ranks[n]',
    'own_movement': 'was[n] - held[n]',
    'others_movement': 'held[n] - now[n]',
} -%}
select
    month,
    '{{ board }}' as platform,
    profile_platform,
    platform_id,
    month_state
    {%- for part in parts %},
    mapFromArrays(arrayFlatten(chains.2), arrayFlatten(chains.{{ loop.index + 2 }})) as {{ part }}
    {%- endfor %}
from (
    select
        month,
        profile_platform,
        platform_id,
        any(month_state) as month_state,
        arraySort(groupArray((stem, rank_keys, {{ parts | join(', ') }}))) as chains
    from (
        select
            *,
            arrayFilter(
                n -> was_ranks[n] > 0 and ranks[n] between 1 and {{ var('leaderboard_cut') }}, arrayEnumerate(ranks)
            ) as explained,
            arrayMap(n -> concat(stem, arrayElement([
                {%- for dimension in within -%}
                '{{ dimension.key[stem:] }}'{{ ', ' if not loop.last }}
                {%- endfor -%}
            ], n)), explained) as rank_keys
            {%- for part, places in parts.items() %},
            arrayMap(n -> toInt32({{ places }}), explained) as {{ part }}
            {%- endfor %}
        from (
            select
                month,
                stem,
                account.5 as profile_platform,
                account.6 as platform_id,
                any(account.7) as month_state,
                any(account.8) as was_ranks,
                any(account.9) as ranks,
                anyIf(own_places, account.1 = 1) as was,
                anyIf(own_places, account.1 = 2) as now,
                anyIf(position, account.1 = 1) < anyIf(position, account.1 = 2) as is_behind_itself,
                arrayMap(
                    (both, own) -> both - own - is_behind_itself + 1,
                    anyIf(both_places, account.1 = 2),
                    anyIf(own_places, account.1 = 2)
                ) as held
            from (
                select
                    month,
                    stem,
                    account,
                    position,
                    {%- for places in ['own', 'both'] %}
                    [
                        {%- for dimension in within -%}
                        toInt32({{ places }}_{{ loop.index }}){{ ', ' if not loop.last }}
                        {%- endfor -%}
                    ] as {{ places }}_places{{ ',' if not loop.last }}
                    {%- endfor %}
                from (
                    select
                        month,
                        stem,
                        arraySort(arrayConcat(
                            {%- for side, order in [(1, 'was_order'), (2, 'now_order')] %}
                            groupArray((
                                ({{ order }}, profile_platform, platform_id),
                                (
                                    {{ side }}, category, language, profile_type, profile_platform, platform_id,
                                    month_state, was_ranks, ranks
                                )
                            )){{ ',' if not loop.last }}
                            {%- endfor %}
                        )).2 as accounts
                    from ({{ select_stayers(model, board) | indent(16) }})
                    group by month, stem
                )
                array join
                    accounts as account,
                    {%- for dimension in within %}
                    {%- set group = [] %}
                    {%- for name in dimension.within %}
                    {%- do group.append('accounts.' ~ place[name]) %}
                    {%- endfor %}
                    arrayEnumerateUniq({{ (['accounts.1'] + group) | join(', ') }}) as own_{{ loop.index }},
                    {{ 'arrayEnumerateUniq(' ~ group | join(', ') ~ ')' if group else 'arrayEnumerate(accounts)' }}
                        as both_{{ loop.index }},
                    {%- endfor %}
                    arrayEnumerate(accounts) as position
            )
            group by month, stem, profile_platform, platform_id
        )
        where notEmpty(explained)
    )
    group by month, profile_platform, platform_id
)
{%- endmacro %}
