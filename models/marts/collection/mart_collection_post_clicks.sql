{{ config(order_by=['collection_id', 'platform', 'post_shortcode'], tags=['hourly']) }}

-- Grain: one row per collection_id, platform, post_shortcode: clicks counted by hand. An entry counts if it names a
-- post of the list and a whole number up to a billion; of several the greatest stands.
with entries as (
    select
        {{ clean_text('entry.post_collection_id') }} as collection_id,
        {{ clean_id('entry.short_code', 'post') }} as post_shortcode,
        toInt64OrNull(trimBoth(entry.clicks)) as entered_clicks
    from {{ ref('manual_post_click') }} as entry
),

items as (
    select distinct post_collection_id as collection_id, platform, shortcode as post_shortcode
    from {{ ref('stg_coffee_post_collection_item') }}
    where shortcode is not null and platform in ('INSTAGRAM', 'YOUTUBE')
),

lists as (
    select id from {{ ref('stg_coffee_post_collection') }}
)

select
    items.collection_id as collection_id,
    assumeNotNull(items.platform) as platform,
    assumeNotNull(items.post_shortcode) as post_shortcode,
    assumeNotNull(max(entries.entered_clicks)) as clicks,
    toUInt32(count()) as entry_count
from entries
inner join items on entries.collection_id = items.collection_id and entries.post_shortcode = items.post_shortcode
where
    entries.entered_clicks between 0 and 1000000000
    and items.collection_id in (select id from lists)
group by items.collection_id, items.platform, items.post_shortcode
