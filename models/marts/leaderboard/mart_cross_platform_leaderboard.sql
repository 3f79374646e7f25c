{{
    config(
        materialized='incremental',
        incremental_strategy='insert_overwrite',
        order_by=['month', 'profile_platform', 'platform_id'],
        partition_by='toYYYYMM(month)',
        meta={'slices': {'of': 'mart_instagram_leaderboard_base', 'by': 'month', 'weight': 16}},
        tags=['daily'],
    )
}}
-- Grain: one row per month, profile_platform and platform_id: a creator, under the Instagram id (IA) where there is
-- one, else under the channel's (YA).
{%- set columns = [
    'handle', 'name', 'category', 'language', 'country', 'profile_type', 'month_state', 'followers',
    'followers_change', 'views', 'likes', 'comments', 'engagement', 'uploads',
] %}
with instagram as (
    select
        month,
        'IA' as profile_platform,
        profile_id as platform_id,
        false as is_youtube,
        handle,
        name,
        category,
        language,
        country,
        profile_type,
        month_state,
        followers,
        followers_change,
        views,
        likes,
        comments,
        engagement,
        uploads,
        is_eligible
    from {{ ref('mart_instagram_leaderboard_base') }}
    where {{ is_month_to_build('month') }}
),

youtube as (
    select
        month,
        if(profile_id is null, 'YA', 'IA') as profile_platform,
        assumeNotNull(coalesce(profile_id, channel_id)) as platform_id,
        true as is_youtube,
        handle,
        name,
        category,
        language,
        country,
        profile_type,
        month_state,
        followers,
        followers_change,
        views,
        likes,
        comments,
        engagement,
        uploads,
        is_eligible
    from {{ ref('mart_youtube_leaderboard_base') }}
    left join (select channel_id, profile_id from {{ ref('mart_linked_socials') }}) as linked using (channel_id)
    where {{ is_month_to_build('month') }}
),

sides as (
    select * from instagram
    union all
    select * from youtube
),

candidates as (
    select
        month,
        profile_platform,
        platform_id,
        -- the creator goes by the Instagram name, which the id is of, and by what YouTube says of the content
        coalesce(maxIf(handle, not is_youtube), maxIf(handle, is_youtube)) as handle,
        coalesce(maxIf(name, not is_youtube), maxIf(name, is_youtube)) as name,
        {%- for attribute in ['category', 'language', 'country'] %}
        coalesce(maxIf({{ attribute }}, is_youtube), maxIf({{ attribute }}, not is_youtube)) as {{ attribute }},
        {%- endfor %}
        if(max(coalesce(profile_type, 'CREATOR') = 'CREATOR'), 'CREATOR', max(profile_type)) as profile_type,
        any(month_state) as month_state,
        {{ sum_counts('followers') }} as followers,
        {{ sum_counts('followers_change') }} as followers_change,
        {{ sum_counts('views') }} as views,
        {{ sum_counts('likes') }} as likes,
        {{ sum_counts('comments') }} as comments,
        {{ sum_counts('engagement') }} as engagement,
        {{ sum_counts('uploads') }} as uploads
    from sides
    group by month, profile_platform, platform_id
    having max(is_eligible)
),

ranks as (
    {{ rank_board('ALL', columns) | indent(4) }}
)

select
    month,
    profile_platform,
    platform_id,
    {%- for column in columns %}
    {{ column }},
    {%- endfor %}
    {%- for dimension in leaderboard_dimensions('ALL') %}
    {{ dimension.key }},
    {%- endfor %}
    toDateTime({{ as_of() }}, 'UTC') as computed_as_of
from ranks
