{#- The posts of campaigns, one row per campaign and post: those that reports show of post lists which belong to a
    campaign. What a profile list follows is no deliverable. -#}
{% macro select_campaign_deliverables() -%}
select
    post.collection_id as campaign_id,
    post.platform as platform,
    post.post_shortcode as post_shortcode,
    post.profile_id as platform_id,
    post.campaign_profile_id as campaign_profile_id,
    post.cost as cost,
    post.engagement as engagement,
    post.reach as reach,
    post.impressions as impressions,
    coalesce(post.plays, post.views) as views,
    post.clicks as clicks,
    post.overall_orders as orders
from {{ ref('mart_collection_post') }} as post
where post.collection_type = 'POST' and post.collection_source = '{{ var("campaign_source") }}'
{%- endmacro %}
