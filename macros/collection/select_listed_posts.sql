{#- Posts that an environment's post collections report on, one row per collection_id, platform, post_shortcode: the
    list is not deleted, the item neither, and it is shown in reports. -#}
{% macro select_listed_posts(environment) -%}
    select
        item.post_collection_id as collection_id,
        assumeNotNull(item.platform) as platform,
        assumeNotNull(item.shortcode) as post_shortcode,
        item.campaign_profile_id as campaign_profile_id,
        item.post_type as listed_type,
        item.posted_by_handle as listed_handle,
        item.post_title as listed_title,
        item.post_link as listed_link,
        item.post_thumbnail as listed_thumbnail,
        {{ link_key('item.sponsor_link') }} as link,
        item.cost as cost,
        item.is_bookmarked as is_bookmarked,
        item.created_at as listed_at
    from {{ ref(collection_environment(environment).staging ~ 'post_collection_item') }} as item
    inner join {{ ref('stg_coffee_collection') }} as list
        on item.post_collection_id = list.id and list.collection_type = 'POST'
    where
        list.is_enabled
        and item.is_enabled
        and item.is_shown_in_report
        and item.shortcode is not null
        and item.platform in ('INSTAGRAM', 'YOUTUBE')
        and item.created_at <= {{ as_of() }}
    order by item.post_collection_id, item.platform, item.shortcode, item.updated_at desc, item.id desc
    limit 1 by item.post_collection_id, item.platform, item.shortcode
{%- endmacro %}
