-- The cut removes exactly the rows that are beyond it in every dimension.
{%- set boards = {
    'mart_instagram_leaderboard': 'INSTAGRAM',
    'mart_youtube_leaderboard': 'YOUTUBE',
    'mart_cross_platform_leaderboard': 'ALL',
} %}
with boards as (
    {%- for model, board in boards.items() %}
    select
        month,
        '{{ board }}' as platform,
        profile_platform,
        platform_id,
        arrayMin(arrayFilter(place -> place > 0, [
            {%- for dimension in leaderboard_dimensions(board) %}
            coalesce({{ dimension.key }}, 0){{ ',' if not loop.last }}
            {%- endfor %}
        ])) as best
    from {{ ref(model) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    boards.month as month,
    boards.platform as platform,
    boards.platform_id as platform_id,
    boards.best as best
from boards
left join {{ ref('mart_leaderboard') }} as published
on
    boards.month = published.month
    and boards.platform = published.platform
    and boards.profile_platform = published.profile_platform
    and boards.platform_id = published.platform_id
where (published.platform_id is not null) != (boards.best <= {{ var('leaderboard_cut') }})
