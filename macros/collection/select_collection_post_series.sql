{#- A model's body. Daily series of the posts of one platform in an environment's post or profile collections (kind
    POST or PROFILE), one row per collection_id, post_shortcode, date. Counters are lifetime totals at the end of
    the day; clicks are the post's share of its link's clicks until then, NULL without a link. -#}
{% macro select_collection_post_series(environment, kind, platform) -%}
{%- set family = collection_environment(environment) -%}
with days as (
    select *
    from {{ ref(family.mart ~ 'collection_post_imputed') }}
    where platform = '{{ platform }}'
),
{% if kind == 'POST' %}
listed as (
{{ select_listed_posts(environment) }}
),

divided as (
{{ share_collection_links('listed') }}
),

link_totals as (
{{ select_link_clicks() }}
),

members as (
    select
        listed.collection_id as collection_id,
        listed.post_shortcode as post_shortcode,
        listed.listed_type as listed_type,
        listed.listed_handle as listed_handle,
        listed.listed_title as listed_title,
        listed.listed_link as listed_link,
        listed.listed_thumbnail as listed_thumbnail,
        coalesce(divided.link, '') as link,
        divided.share_ratio as share_ratio
    from listed
    left join divided using (collection_id, platform, post_shortcode)
    where listed.platform = '{{ platform }}'
),
{% else %}
tracked as (
{{ select_tracked_profiles(environment) }}
),

members as (
    select distinct
        tracked.collection_id as collection_id,
        days.post_shortcode as post_shortcode,
        {%- for column in ['type', 'handle', 'title', 'link', 'thumbnail'] %}
        cast(null as Nullable(String)) as listed_{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from days
    inner join tracked on days.platform = tracked.platform and days.profile_id = tracked.profile_id
),
{% endif %}
described as (
{{ describe_posts(platform, 'members') }}
),

lists as (
    select id, share_id
    from {{ ref('stg_coffee_collection') }}
    where collection_type = '{{ kind }}'
),

joined as (
    select
        members.collection_id as collection_id,
        '{{ kind }}' as collection_type,
        days.platform as platform,
        days.post_shortcode as post_shortcode,
        days.profile_id as profile_id,
        lists.share_id as share_id,
        coalesce(described.handle, members.listed_handle) as handle,
        described.profile_name as profile_name,
        coalesce(described.post_type, members.listed_type) as post_type,
        coalesce(described.title, members.listed_title) as title,
        members.listed_link as post_link,
        coalesce(described.thumbnail_url, members.listed_thumbnail) as thumbnail_url,
        described.followers as followers,
        described.captured_followers as captured_followers,
        described.captured_engagement_ratio as captured_engagement_ratio,
        {%- for counter in list_post_counters() %}
        days.{{ counter }} as {{ counter }},
        {%- endfor %}
        days.measured_reach as measured_reach,
        days.measured_impressions as measured_impressions,
        {%- if kind == 'POST' %}
        if(members.link = '', null, members.share_ratio * coalesce(link_totals.link_clicks_to_date, 0)) as clicks,
        {%- else %}
        cast(null as Nullable(Float64)) as clicks,
        {%- endif %}
        days.is_imputed as is_imputed,
        {{ total_crosses_definition_change(platform, 'described.published_at', 'days.date') | indent(8) }}
            as crosses_definition_change,
        days.date as date,
        described.published_at as published_at,
        days.last_event_at as last_event_at
    from days
    inner join members on days.post_shortcode = members.post_shortcode
    left join described on days.post_shortcode = described.post_shortcode
    left join lists on members.collection_id = lists.id
    {%- if kind == 'POST' %}
    asof left join link_totals on members.link = link_totals.link and days.date >= link_totals.date
    {%- endif %}
),

measured as (
    select
        *,
        {{ measure_collection_reach() }}
    from joined
)

select
    {{ list_series_columns() | join(',\n    ') }}
from measured
{%- endmacro %}
