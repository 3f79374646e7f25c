{#- Statistics of the peer groups of one platform, primary (with category) and secondary (without). Quantiles are exact,
    interpolated between neighbours; they and the means are over all known values: who shrinks or rests belongs to the
    group as much as who grows. Groups below the minimum size are left out. -#}
{% macro measure_peer_groups(platform, base) -%}
{%- set metrics = list_graded_metrics(platform) -%}
{%- set engagement = {'INSTAGRAM': 'engagement_ratio', 'YOUTUBE': 'engagement_by_views_ratio'}[platform] -%}
with members as (
    select
        arrayJoin([('PRIMARY', primary_group), ('SECONDARY', secondary_group)]) as membership,
        membership.1 as group_kind,
        membership.2 as group_key,
        country,
        if(group_kind = 'PRIMARY', category, null) as category,
        follower_group,
        {{ metrics | join(',\n        ') }}
    from {{ ref(base) }}
    where membership.2 is not null
),

measured as (
    select
        group_key,
        any(members.group_kind) as group_kind,
        any(members.country) as country,
        any(members.category) as category,
        any(members.follower_group) as follower_group,
        count() as profiles,
        {%- for metric in metrics %}
        count(members.{{ metric }}) as {{ metric }}_size,
        avg(toFloat64(members.{{ metric }})) as {{ metric }}_mean,
        quantilesExactInclusiveIf(0.4, 0.6, 0.75, 0.9)(
            assumeNotNull(members.{{ metric }}), members.{{ metric }} is not null
        ) as {{ metric }}_quantiles,
        {%- endfor %}
        arraySort(groupArrayIf(
            assumeNotNull(members.{{ engagement }}), members.{{ engagement }} is not null
        )) as engagement_ratios
    from members
    group by group_key
    having profiles >= {{ var('peer_group_min_profiles') }}
),

-- The histogram has seven equal bins below the 95th percentile and one for the rest, with its real height.
binned as (
    select
        *,
        arrayReduce('quantileExactInclusive(0.95)', engagement_ratios) as p95,
        arrayMap(
            ratio -> if(ratio >= p95, 7, least(toInt64(floor(ratio * 7 / p95)), 6)), engagement_ratios
        ) as bins
    from measured
)

select
    assumeNotNull(group_key) as group_key,
    '{{ platform }}' as platform,
    group_kind,
    country,
    category,
    follower_group,
    profiles,
    {%- for name, place in {'p40': 1, 'p60': 2, 'p75': 3, 'p90': 4}.items() %}
    mapFilter(
        (metric, value) -> isFinite(value),
        map(
            {%- for metric in metrics %}
            '{{ metric }}', if({{ metric }}_size > 0, {{ metric }}_quantiles[{{ place }}], nan)
            {{- ',' if not loop.last }}
            {%- endfor %}
        )
    ) as {{ name }},
    {%- endfor %}
    mapFilter(
        (metric, value) -> isFinite(value),
        map(
            {%- for metric in metrics %}
            '{{ metric }}', coalesce({{ metric }}_mean, nan){{ ',' if not loop.last }}
            {%- endfor %}
        )
    ) as mean,
    map(
        {%- for metric in metrics %}
        '{{ metric }}', {{ metric }}_size{{ ',' if not loop.last }}
        {%- endfor %}
    ) as measured_profiles,
    '{{ engagement }}' as engagement_bin_metric,
    if(empty(engagement_ratios), [], arrayMap(bin -> p95 * bin / 7, range(8))) as engagement_bin_start,
    if(
        empty(engagement_ratios),
        [],
        arrayMap(bin -> if(bin = 7, engagement_ratios[-1], p95 * (bin + 1) / 7), range(8))
    ) as engagement_bin_end,
    if(empty(engagement_ratios), [], arrayMap(bin -> countEqual(bins, bin), range(8))) as engagement_bin_height
from binned
{%- endmacro %}
