{#- One branch of mart_time_series: the levels of an account mart with the changes since the period before, which are
    NULL unless that period is there. In an incremental run: the touched keys and their successors, because a late level
    changes the next change. -#}
{% macro build_series_changes(model, platform, grain) -%}
{%- set monthly = 'true' if grain == 'month' else 'false' -%}
{%- set seen_later = any_ingested_since(
    ['profile_ingested_at', 'posts_ingested_at'],
    "platform = '" ~ platform ~ "' and monthly_stats = " ~ monthly,
) -%}
select
    '{{ platform }}' as platform,
    own.platform_id as platform_id,
    {{ monthly }} as monthly_stats,
    own.date as date,
    own.followers as followers,
    {%- if platform == 'INSTAGRAM' %}
    own.following as following,
    cast(null as Nullable(Int64)) as views_total,
    cast(null as Nullable(Int64)) as views_total_change,
    own.plays as plays,
    {%- else %}
    cast(null as Nullable(Int64)) as following,
    own.views_total as views_total,
    {{ clean_count('own.views_total - previous.views_total') }} as views_total_change,
    cast(null as Nullable(Int64)) as plays,
    {%- endif %}
    own.uploads_total as uploads_total,
    {{ clean_count('own.uploads_total - previous.uploads_total') }} as uploads_total_change,
    own.followers - previous.followers as followers_change,
    own.views as views,
    own.uploads as uploads,
    own.likes as likes,
    own.comments as comments,
    own.engagement as engagement,
    own.rated_posts as rated_posts,
    own.rated_engagement as rated_engagement,
    own.watched_engagement as watched_engagement,
    own.watched_views as watched_views,
    {{ divide('own.rated_engagement', 'own.rated_posts * own.followers') }} as engagement_ratio,
    {{ divide('own.watched_engagement', 'own.watched_views') }} as engagement_by_views_ratio,
    {{ holds_definition_change(platform, 'own.date', grain) | indent }} as crosses_definition_change,
    own.last_event_at as last_event_at,
    own.profile_ingested_at as profile_ingested_at,
    own.posts_ingested_at as posts_ingested_at,
    own._version + ifNull(previous._version, 0) % {{ version_revision() }} as _version
from (
    select *
    from {{ ref_latest(model) }}
    where {{ in_slice('platform_id') }}
    {%- if is_incremental() %}
    and (platform_id, date) in (
        select platform_id, arrayJoin([date, {{ shift_period('date', grain) }}]) as touched_date
        from {{ ref(model) }}
        where {{ seen_later }}
    )
    {%- endif %}
) as own
left join (
    select
        platform_id,
        {{ shift_period('date', grain) }} as next_date,
        followers,
        {%- if platform == 'YOUTUBE' %}
        views_total,
        {%- endif %}
        uploads_total,
        _version
    from {{ ref_latest(model) }}
    where {{ in_slice('platform_id') }}
    {%- if is_incremental() %}
    and (platform_id, {{ shift_period('date', grain) }}) in (
        select platform_id, arrayJoin([date, {{ shift_period('date', grain) }}]) as touched_date
        from {{ ref(model) }}
        where {{ seen_later }}
    )
    {%- endif %}
) as previous
    on own.platform_id = previous.platform_id and own.date = previous.next_date
{%- endmacro %}
