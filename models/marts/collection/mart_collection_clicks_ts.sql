{{ config(order_by=['collection_id', 'link', 'platform', 'post_shortcode', 'date'], tags=['collections']) }}

-- Grain: one row per collection_id, link, platform, post_shortcode, date (a day on which the link was clicked).
with listed as (
    {{ select_listed_posts('production') }}
),

divided as (
    {{ share_collection_links('listed') }}
),

link_days as (
    {{ select_link_clicks() }}
)

select
    divided.collection_id as collection_id,
    divided.link as link,
    divided.platform as platform,
    divided.post_shortcode as post_shortcode,
    divided.link_posts as link_posts,
    divided.share_ratio as share_ratio,
    link_days.link_clicks as link_clicks,
    divided.share_ratio * link_days.link_clicks as clicks,
    link_days.link_clicks_to_date as link_clicks_to_date,
    divided.share_ratio * link_days.link_clicks_to_date as clicks_to_date,
    link_days.date as date
from divided
inner join link_days on divided.link = link_days.link
