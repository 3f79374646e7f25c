{#- A model's body. Creators, volumes and audiences of each month by platform, language, category and profile type,
    and of all of them (ALL) in each of these. There is no ALL of months: levels do not add up over time. An unknown
    language or category counts under ALL only; an unknown profile type counts as CREATOR, as on the boards.
    `everywhere` counts all countries, else those of the market. Volumes are of the posts published in the month on
    both platforms, so that they can be added up, and the ratios are of those of them that are rated and watched
    (build_account_series). Explicit grouping sets with grouping(): what is rolled up is known by the flag, not by
    an empty key, and no set comes twice. Audiences are added up as decimals, exact in any order of the rows: a
    float's last digits depend on it. What is never unknown stops at greatest_total(). -#}
{% macro summarise_genres(everywhere) -%}
{%- set dimensions = ['platform', 'language', 'category', 'profile_type'] -%}
{%- set counted = ['followers', 'followers_change', 'views', 'likes', 'comments', 'engagement', 'uploads',
    'rated_engagement', 'rated_audience', 'watched_engagement', 'watched_views', 'gender_known', 'age_known'] -%}
{%- set of_base = ['language', 'category', 'country', 'profile_type', 'followers', 'followers_change', 'views', 'likes',
    'comments', 'engagement', 'uploads', 'rated_posts', 'rated_engagement', 'watched_engagement', 'watched_views'] -%}
{%- set never_unknown = ['followers', 'gender_known', 'age_known'] -%}
{%- set shared_out = ['male', 'female'] -%}
{%- set buckets = [] -%}
{%- set ages = ['13-17', '18-24', '25-34', '35-44', '45-54', '55-64', '65+'] -%}
{%- for gender in 'MF' %}{% for age in ages %}{% do buckets.append(gender ~ '_' ~ age) %}{% endfor %}{% endfor -%}
with sides as (
    select
        month,
        'INSTAGRAM' as platform,
        profile_id as platform_id,
        profile_id as creator_id,
        {{ of_base | join(',\n        ') }}
    from {{ ref('mart_instagram_leaderboard_base') }}
    where {{ in_slice('month') }}
    union all
    select
        month,
        'YOUTUBE' as platform,
        channel_id as platform_id,
        coalesce(profile_id, channel_id) as creator_id,
        {{ of_base | join(',\n        ') }}
    from {{ ref('mart_youtube_leaderboard_base') }}
    left join (select channel_id, profile_id from {{ ref('mart_linked_socials') }}) as linked using (channel_id)
    where {{ in_slice('month') }}
),

audiences as (
    select
        platform,
        platform_id,
        male_ratio,
        female_ratio,
        arrayMap(bucket -> age_group_ratios[bucket], {{ buckets }}) as shares,
        notEmpty(age_group_ratios) as has_ages
    from {{ ref('mart_audience_info') }}
),

accounts as (
    select
        sides.month as month,
        sides.platform as platform,
        sides.language as language,
        sides.category as category,
        coalesce(sides.profile_type, 'CREATOR') as profile_type,
        sides.creator_id as creator_id,
        sides.followers as followers,
        sides.followers_change as followers_change,
        sides.views as views,
        sides.likes as likes,
        sides.comments as comments,
        sides.engagement as engagement,
        sides.uploads as uploads,
        sides.rated_engagement as rated_engagement,
        toInt128(sides.rated_posts) * sides.followers as rated_audience,
        sides.watched_engagement as watched_engagement,
        sides.watched_views as watched_views,
        if(audiences.male_ratio is null, 0, assumeNotNull(sides.followers)) as gender_known,
        {%- for gender in ['male', 'female'] %}
        toDecimal128(coalesce(audiences.{{ gender }}_ratio, 0) * assumeNotNull(sides.followers), 12) as {{ gender }},
        {%- endfor %}
        if(audiences.has_ages, assumeNotNull(sides.followers), 0) as age_known,
        arrayMap(
            share -> toDecimal128(share * assumeNotNull(sides.followers), 12),
            if(audiences.has_ages, audiences.shares, arrayResize([0.], {{ buckets | length }}))
        ) as age_groups
    from sides
    left join audiences on sides.platform = audiences.platform and sides.platform_id = audiences.platform_id
    where sides.followers >= 1{{ ' and ' ~ is_in_market('sides.country') if not everywhere }}
),

-- Added up at the finest grain first: the sets then roll up some thousands of rows instead of all accounts, each.
cells as (
    select
        month,
        {%- for dimension in dimensions %}
        {{ dimension }},
        {%- endfor %}
        uniqExactState(creator_id) as creators,
        {%- for total in counted %}
        sum(toInt128({{ total }})) as {{ total }},
        {%- endfor %}
        {%- for total in shared_out %}
        sum({{ total }}) as {{ total }},
        {%- endfor %}
        sumForEach(age_groups) as age_groups
    from accounts
    group by month, {{ dimensions | join(', ') }}
),

totals as (
    select
        month,
        {%- for dimension in dimensions %}
        {{ dimension }},
        {%- endfor %}
        {%- for dimension in dimensions %}
        grouping({{ dimension }}) = 1 as is_every_{{ dimension }},
        {%- endfor %}
        uniqExactMerge(cells.creators) as creators,
        {%- for total in counted %}
        {%- if total in never_unknown %}
        ifNull({{ sum_counts('cells.' ~ total) }}, {{ greatest_total() }}) as {{ total }},
        {%- else %}
        {{ sum_counts('cells.' ~ total) }} as {{ total }},
        {%- endif %}
        {%- endfor %}
        {%- for total in shared_out %}
        sum(cells.{{ total }}) as {{ total }},
        {%- endfor %}
        sumForEach(cells.age_groups) as age_groups
    from cells
    group by grouping sets (
        {%- for kept in range(16) %}
        (month
            {%- for place in range(4) if kept // 2 ** place % 2 -%}
            , {{ dimensions[place] }}
            {%- endfor -%}
        ){{ ',' if not loop.last }}
        {%- endfor %}
    )
    having (is_every_language or language is not null) and (is_every_category or category is not null)
),

shares as (
    select
        *,
        arrayMap(weight -> toFloat64(weight) / age_known, age_groups) as ratios
    from totals
)

select
    month,
    {%- for dimension in dimensions %}
    assumeNotNull(if(is_every_{{ dimension }}, 'ALL', {{ dimension }})) as {{ dimension }},
    {%- endfor %}
    {{ month_state('month') }} as month_state,
    creators,
    assumeNotNull(followers) as followers,
    followers_change,
    views,
    likes,
    comments,
    engagement,
    uploads,
    multiIf(
        platform = 'INSTAGRAM', {{ holds_definition_change('INSTAGRAM', 'month', 'month') | indent(8) }},
        platform = 'YOUTUBE', {{ holds_definition_change('YOUTUBE', 'month', 'month') | indent(8) }},
        {{ holds_definition_change('ALL', 'month', 'month') | indent(8) }}
    ) as crosses_definition_change,
    toInt64(gender_known) as gender_known_followers,
    toInt64(age_known) as age_known_followers,
    rated_engagement,
    rated_audience,
    watched_engagement,
    watched_views,
    {{ divide('rated_engagement', 'rated_audience') }} as engagement_ratio,
    {{ divide('watched_engagement', 'watched_views') }} as engagement_by_views_ratio,
    {{ divide('toFloat64(male)', 'gender_known') }} as male_ratio,
    {{ divide('toFloat64(female)', 'gender_known') }} as female_ratio,
    mapFilter((bucket, share) -> share > 0, mapFromArrays({{ buckets }}, ratios)) as age_group_ratios,
    mapFilter(
        (bucket, share) -> share > 0,
        mapFromArrays(
            {{ ages }},
            arrayMap((men, women) -> men + women, arraySlice(ratios, 1, 7), arraySlice(ratios, 8))
        )
    ) as age_ratios,
    toDateTime({{ as_of() }}, 'UTC') as computed_as_of
from shares
{%- endmacro %}
