{{ config(order_by=['platform', 'platform_id'], group='discovery', access='public', tags=['core']) }}

-- Grain: one row per platform, platform_id: every account with a record, and every account that only its series knows.
{%- set windows = [7, 30, 365] %}
with accounts as (
    {{ select_creators('INSTAGRAM') | indent(4) }}
    union all
    {{ select_creators('YOUTUBE') | indent(4) }}
),

with_series as (
    select distinct platform, platform_id
    from {{ ref('mart_time_series') }}
)

select
    assumeNotNull(coalesce(accounts.platform, with_series.platform)) as platform,
    assumeNotNull(coalesce(accounts.platform_id, with_series.platform_id)) as platform_id,
    accounts.linked_platform as linked_platform,
    accounts.linked_platform_id as linked_platform_id,
    accounts.group_key as group_key,
    accounts.handle as handle,
    {{ searchable('accounts.handle') }} as handle_lower,
    accounts.name as name,
    {{ searchable('accounts.name') }} as name_lower,
    accounts.profile_pic_url as profile_pic_url,
    accounts.category as category,
    accounts.language as language,
    accounts.country as country,
    accounts.profile_type as profile_type,
    accounts.creator_tier as creator_tier,
    accounts.follower_group as follower_group,
    accounts.followers as followers,
    accounts.following as following,
    accounts.posts as posts,
    toUInt32(accounts.followers_rank_by_country) as followers_rank_by_country,
    toUInt32(accounts.followers_rank_by_country_category) as followers_rank_by_country_category,
    toUInt32(accounts.followers_rank_by_category) as followers_rank_by_category,
    toUInt32(accounts.followers_rank_by_language) as followers_rank_by_language,
    accounts.metrics as metrics,
    -- Growth of views is of channels only; of them a window that holds a change compares two counts.
    arrayFilter(
        (metric, crosses) -> crosses and accounts.platform = 'YOUTUBE' and mapContains(accounts.metrics, metric),
        [
            {%- for days in windows %}
            'views_growth_{{ days }}d'{{ ',' if not loop.last }}
            {%- endfor %}
        ],
        [
            {%- for days in windows %}
            {{ crosses_definition_change('YOUTUBE', 'views', days) | indent(12) }}{{ ',' if not loop.last }}
            {%- endfor %}
        ]
    ) as metrics_crossing_definition_change,
    accounts.grades as grades,
    accounts.group_averages as group_averages,
    accounts.is_verified as is_verified,
    accounts.is_private as is_private,
    accounts.is_followers_hidden as is_followers_hidden,
    toBool(accounts.platform is null) as is_known_by_series_only,
    accounts.updated_at as updated_at,
    {{ list_search_grams('accounts.handle', 'accounts.name') | indent(4) }} as search_grams
from accounts
full outer join with_series
on accounts.platform = with_series.platform and accounts.platform_id = with_series.platform_id
