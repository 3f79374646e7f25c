{#- The accounts that a board has both in a month that is to be built and in the month before, one row per month,
    profile_platform, platform_id and chain of leaderboard_chains by which it is ranked in both: an attribute if it is
    the same in both, what the chain orders by then (was_order) and now (now_order), and the ranks of the chain's
    dimensions then and now, 0 without one. A rank of then counts only if the attributes within which it ranks are the
    same now. `stem` is the key of the chain's rank on the whole board, with which the keys of the others begin. -#}
{% macro select_stayers(model, board) -%}
{%- set chains = leaderboard_chains() -%}
{%- set dimensions = leaderboard_dimensions(board) -%}
{%- set used = dimensions | map(attribute='chain') | unique | list -%}
{%- set metrics = [] -%}
{%- for name in used -%}{%- for metric in [chains[name].metric] + chains[name].then if metric not in metrics -%}
    {%- do metrics.append(metric) -%}
{%- endfor -%}{%- endfor -%}
select
    board.month as month,
    board.profile_platform as profile_platform,
    board.platform_id as platform_id,
    board.month_state as month_state,
    {%- for attribute in ['category', 'language', 'profile_type'] %}
    nullIf(if(board.{{ attribute }} = previous.{{ attribute }}, board.{{ attribute }}, ''), '') as {{ attribute }},
    {%- endfor %}
    chain.1 as stem,
    chain.2 as was_order,
    chain.3 as now_order,
    chain.4 as was_ranks,
    chain.5 as ranks
from {{ ref(model) }} as board
inner join {{ join_month_before(model, metrics + dimensions | map(attribute='key') | list) }}
array join [
    {%- for name in used %}
    {%- set within = dimensions | selectattr('chain', 'equalto', name) | list %}
    (
        '{{ within[0].key }}',
        {%- for side in ['previous', 'board'] %}
        [
            -- the greatest first and the unknown last; counts are compared as whole numbers, ratios as floats
            {%- for metric in [chains[name].metric] + chains[name].then %}
            {%- set negative = '-ifNull(' ~ side ~ '.' ~ metric ~ ', 0)' %}
            {%- set is_ratio = metric.endswith('_ratio') %}
            (
                {{ side }}.{{ metric }} is null,
                {{ negative if is_ratio else 'toFloat64(0)' }},
                {{ 'toInt64(0)' if is_ratio else negative }}
            ){{ ',' if not loop.last }}
            {%- endfor %}
        ],
        {%- endfor %}
        [
            {%- for dimension in within %}
            {{ 'if(' ~ dimension.within | join(' is not null and ') ~ ' is not null, ' if dimension.within -}}
            toInt32(ifNull(previous.{{ dimension.key }}, 0)){{ ', 0)' if dimension.within }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        ],
        [
            {%- for dimension in within %}
            toInt32(ifNull(board.{{ dimension.key }}, 0)){{ ',' if not loop.last }}
            {%- endfor %}
        ]
    ){{ ',' if not loop.last }}
    {%- endfor %}
] as chain
where {{ is_month_to_build('board.month') }} and chain.4[1] > 0 and chain.5[1] > 0
{%- endmacro %}
