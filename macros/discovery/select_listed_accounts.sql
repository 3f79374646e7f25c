{#- Accounts that stand in a list of the product: named by an enabled item of a profile list, or author of a post of an
    enabled item of a post list. -#}
{% macro select_listed_accounts(platform) -%}
{%- set account, posts, lite = {
    'INSTAGRAM': ('profile_id', 'stg_beat_instagram_post', 'stg_coffee_view_instagram_account_lite'),
    'YOUTUBE': ('channel_id', 'stg_beat_youtube_post', 'stg_coffee_view_youtube_account_lite'),
}[platform] -%}
select assumeNotNull(coalesce(item.profile_social_id, product.{{ account }})) as {{ account }}
from {{ ref('stg_coffee_profile_collection_item') }} as item
left join {{ ref(lite) }} as product on item.platform_account_id = product.id
where
    item.platform = '{{ platform }}'
    and item.is_enabled
    and not item.is_hidden
    and coalesce(item.profile_social_id, product.{{ account }}) is not null
union distinct
select assumeNotNull(post.{{ account }}) as {{ account }}
from {{ ref_latest(posts, 'post') }}
where
    post.{{ account }} is not null
    and post.shortcode in (
        select assumeNotNull(item.shortcode)
        from {{ ref('stg_coffee_post_collection_item') }} as item
        where item.platform = '{{ platform }}' and item.is_enabled and item.shortcode is not null
    )
{%- endmacro %}
