{#- The rows of a board as mart_leaderboard publishes them: ranks as a map without the missing ones, and the ranks that
    the account had exactly one month before on the untruncated board. A rank of then counts only if the attributes
    within which it ranks are the same now. Only the rows within the cut in some dimension stay. -#}
{% macro publish_board(model, board) -%}
{%- set dimensions = leaderboard_dimensions(board) -%}
{%- set stems = ['followers_rank', 'followers_change_rank', 'views_rank', 'plays_rank', 'engagement_rank'] -%}
{%- set keys = dimensions | map(attribute='key') | list -%}
select
    board.month as month,
    '{{ board }}' as platform,
    board.profile_platform as profile_platform,
    board.platform_id as platform_id,
    board.handle as handle,
    board.name as name,
    board.category as category,
    board.language as language,
    board.country as country,
    board.profile_type as profile_type,
    board.month_state as month_state,
    board.followers as followers,
    board.followers_change as followers_change,
    {%- for change in ['views_total_change', 'uploads_total_change'] %}
    {{ 'cast(null as Nullable(Int64))' if board == 'ALL' else 'board.' ~ change }} as {{ change }},
    {%- endfor %}
    board.views as views,
    {{ 'board.plays' if board == 'INSTAGRAM' else 'cast(null as Nullable(Int64))' }} as plays,
    board.likes as likes,
    board.comments as comments,
    board.engagement as engagement,
    board.uploads as uploads,
    {%- for ratio in ['engagement_ratio', 'engagement_by_views_ratio'] %}
    {{ 'cast(null as Nullable(Float64))' if board == 'ALL' else 'board.' ~ ratio }} as {{ ratio }},
    {%- endfor %}
    {{ holds_definition_change(board, 'board.month', 'month') | indent }} as crosses_definition_change,
    {%- for stem in stems %}
    {{ 'board.' ~ stem if stem in keys else 'cast(null as Nullable(UInt32))' }} as {{ stem }},
    {%- endfor %}
    {%- for stem in stems %}
    {{ 'previous.' ~ stem if stem in keys else 'cast(null as Nullable(UInt32))' }} as {{ stem }}_prev,
    {%- endfor %}
    mapFilter((key, place) -> place > 0, map(
        {%- for key in keys %}
        '{{ key }}', ifNull(board.{{ key }}, 0){{ ',' if not loop.last }}
        {%- endfor %}
    )) as current_month_ranks,
    {%- for attribute in ['category', 'language', 'profile_type'] %}
    ifNull(board.{{ attribute }} = previous.{{ attribute }}, false) as is_same_{{ attribute }},
    {%- endfor %}
    mapFilter((key, place) -> place > 0, map(
        {%- for dimension in dimensions %}
        '{{ dimension.key }}',
        {%- if dimension.within %}
        if(is_same_{{ dimension.within | join(' and is_same_') }}, ifNull(previous.{{ dimension.key }}, 0), 0)
        {%- else %}
        ifNull(previous.{{ dimension.key }}, 0)
        {%- endif %}
        {{- ',' if not loop.last }}
        {%- endfor %}
    )) as last_month_ranks
from {{ ref(model) }} as board
left join {{ join_month_before(model, keys) }}
where
    {{ is_month_to_build('board.month') }}
    and arrayExists(place -> place <= {{ var('leaderboard_cut') }}, mapValues(current_month_ranks))
{%- endmacro %}
