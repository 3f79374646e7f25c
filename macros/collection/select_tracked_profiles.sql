{#- Profiles whose posts an environment's profile collections report on, one row per collection_id, platform,
    profile_id: the list is one for account tracking and not deleted, the item is neither deleted nor hidden. The
    product's account says which profile it is; where it is unknown, the item does. -#}
{% macro select_tracked_profiles(environment) -%}
    {%- set family = collection_environment(environment) -%}
    select distinct
        toString(item.profile_collection_id) as collection_id,
        item.platform as platform,
        assumeNotNull(
            if(
                item.platform = 'INSTAGRAM',
                coalesce(instagram.profile_id, item.profile_social_id),
                coalesce(youtube.channel_id, item.profile_social_id)
            )
        ) as profile_id
    from {{ ref(family.staging ~ 'profile_collection_item') }} as item
    inner join {{ ref('stg_coffee_collection') }} as list
        on toString(item.profile_collection_id) = list.id and list.collection_type = 'PROFILE'
    left join {{ ref(family.staging ~ 'view_instagram_account_lite') }} as instagram
        on item.platform_account_id = instagram.id
    left join {{ ref(family.staging ~ 'view_youtube_account_lite') }} as youtube
        on item.platform_account_id = youtube.id
    where
        list.is_enabled
        and list.source = '{{ var("account_tracking_source") }}'
        and item.is_enabled
        and not item.is_hidden
        and item.platform in ('INSTAGRAM', 'YOUTUBE')
        and item.created_at <= {{ as_of() }}
        and if(
            item.platform = 'INSTAGRAM',
            coalesce(instagram.profile_id, item.profile_social_id),
            coalesce(youtube.channel_id, item.profile_social_id)
        ) is not null
{%- endmacro %}
