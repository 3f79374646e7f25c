{#- A model's body. Latest state of every post in an environment's collections, one row per collection_id,
    collection_type, platform, post_shortcode: the last day of its series, or, of a listed post that was never
    observed, what its own record says today. Clicks and orders are the post's share of its link's; clicks counted
    by hand stand where they are more. -#}
{% macro summarise_collection_posts(environment) -%}
{%- set family = collection_environment(environment) -%}
{%- set keys = ['collection_id', 'collection_type', 'platform', 'post_shortcode'] -%}
{%- set seen = ['profile_id', 'measured_reach', 'measured_impressions', 'last_event_at'] + list_post_counters() -%}
{%- set orders = list_link_orders() -%}
-- Grouped, not put in order: a post's days stand together already, and its last one is what matters.
with series as (
    select
        {{ keys | join(', ') }},
        min(date) as first_seen_date,
        max(date) as last_seen_date,
        argMax(tuple(days.{{ seen | join(', days.') }}), date) as last_seen
        {%- for column in seen %},
        last_seen.{{ loop.index }} as {{ column }}
        {%- endfor %}
    from {{ ref(family.mart ~ 'collection_post_ts') }} as days
    group by {{ keys | join(', ') }}
),

listed as (
{{ select_listed_posts(environment) }}
),

divided as (
{{ share_collection_links('listed') }}
),

link_days as (
{{ select_link_clicks() }}
),

link_totals as (
    select link, max(link_clicks_to_date) as link_clicks
    from link_days
    group by link
),

link_orders as (
{{ select_link_orders() }}
),

manual_clicks as (
    select * from {{ ref('mart_collection_post_clicks') }}
),

wanted as (
    select {{ keys | join(', ') }} from series
    union distinct
    select collection_id, 'POST' as collection_type, platform, post_shortcode from listed
),

described as (
{{ describe_posts('INSTAGRAM', 'wanted') }}
    union all
{{ describe_posts('YOUTUBE', 'wanted') }}
),

lists as (
    select collection_type, id, share_id, partner_id, name, source, source_id
    from {{ ref('stg_coffee_collection') }}
),

-- Before the first look nobody knows of orders; after it a link without a total has none.
(select count() > 0 from link_orders) as orders_are_known,

joined as (
    select
        wanted.collection_id as collection_id,
        wanted.collection_type as collection_type,
        wanted.platform as platform,
        wanted.post_shortcode as post_shortcode,
        series.post_shortcode is not null as is_observed,
        coalesce(series.profile_id, described.profile_id) as profile_id,
        listed.campaign_profile_id as campaign_profile_id,
        lists.share_id as share_id,
        lists.partner_id as partner_id,
        lists.name as collection_name,
        lists.source as collection_source,
        lists.source_id as collection_source_id,
        coalesce(described.handle, listed.listed_handle) as handle,
        described.profile_name as profile_name,
        coalesce(described.post_type, listed.listed_type) as post_type,
        coalesce(described.title, listed.listed_title) as title,
        coalesce(described.text, listed.listed_title) as text,
        listed.listed_link as post_link,
        coalesce(described.thumbnail_url, listed.listed_thumbnail) as thumbnail_url,
        listed.link as link,
        listed.cost as cost,
        described.followers as followers,
        described.captured_followers as captured_followers,
        described.captured_engagement_ratio as captured_engagement_ratio,
        {%- for counter in list_post_counters() + ['measured_reach', 'measured_impressions'] %}
        if(is_observed, series.{{ counter }}, described.{{ counter }}) as {{ counter }},
        {%- endfor %}
        if(listed.link is null, null, divided.share_ratio * coalesce(link_totals.link_clicks, 0)) as tracked_clicks,
        manual_clicks.clicks as manual_clicks,
        {%- for column in orders %}
        if(listed.link is null or not orders_are_known, null,
            divided.share_ratio * if(link_orders.link is null, 0, link_orders.{{ column }})) as {{ column }},
        {%- endfor %}
        listed.listed_at as listed_at,
        described.published_at as published_at,
        series.first_seen_date as first_seen_date,
        series.last_seen_date as last_seen_date,
        series.last_event_at as last_event_at
    from wanted
    left join series on {% for key in keys %}wanted.{{ key }} = series.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
    left join listed
        on wanted.collection_id = listed.collection_id
        and wanted.platform = listed.platform
        and wanted.post_shortcode = listed.post_shortcode
        and wanted.collection_type = 'POST'
    left join divided
        on listed.collection_id = divided.collection_id
        and listed.platform = divided.platform
        and listed.post_shortcode = divided.post_shortcode
    left join link_totals on listed.link = link_totals.link
    left join link_orders on listed.link = link_orders.link
    left join manual_clicks
        on wanted.collection_id = manual_clicks.collection_id
        and wanted.platform = manual_clicks.platform
        and wanted.post_shortcode = manual_clicks.post_shortcode
        and wanted.collection_type = 'POST'
    left join described on wanted.platform = described.platform and wanted.post_shortcode = described.post_shortcode
    left join lists on wanted.collection_id = lists.id and wanted.collection_type = lists.collection_type
),

measured as (
    select
        *,
        {{ measure_collection_reach() }}
    from joined
)

select
    {{ keys | join(',\n    ') }},
    profile_id,
    campaign_profile_id,
    share_id,
    partner_id,
    collection_name,
    collection_source,
    collection_source_id,
    handle,
    profile_name,
    post_type,
    title,
    {{ find_hashtags('text') }} as hashtags,
    {{ find_keywords('text') }} as keywords,
    {{ count_unspaced_runs('text') }} as unspaced_run_count,
    post_link,
    thumbnail_url,
    link,
    cost,
    followers,
    {{ list_post_counters() | join(',\n    ') }},
    engagement,
    measured_reach,
    measured_impressions,
    reach,
    impressions,
    tracked_clicks,
    manual_clicks,
    greatest(
        coalesce(tracked_clicks, toFloat64(manual_clicks)), coalesce(toFloat64(manual_clicks), tracked_clicks)
    ) as clicks,
    {{ orders | join(',\n    ') }},
    engagement_by_reach_ratio,
    engagement_by_followers_ratio,
    reach_is_estimated,
    impressions_is_estimated,
    toBool(is_observed) as is_observed,
    first_seen_date,
    last_seen_date,
    listed_at,
    published_at,
    last_event_at
from measured
{%- endmacro %}
