{#- Accounts in the profile lists of one source, one row per item: its account's id (NULL where nobody knows it), the
    product's handle of it (Instagram only), and when list or item was touched last. Deleted lists and items, hidden
    items and items of the future are left out. -#}
{% macro select_list_members(platform, list_source) -%}
{%- set id, lite = {
    'INSTAGRAM': ('profile', 'stg_coffee_view_instagram_account_lite'),
    'YOUTUBE': ('channel', 'stg_coffee_view_youtube_account_lite'),
}[platform] -%}
select
    coalesce(product.{{ id }}_id, {{ clean_id('item.profile_social_id', id) }}) as account_id,
    {{ 'product.handle' if platform == 'INSTAGRAM' else 'cast(null as Nullable(String))' }} as handle,
    greatest(list.updated_at, item.updated_at) as touched_at
from {{ ref('stg_coffee_profile_collection_item') }} as item
inner join {{ ref('stg_coffee_profile_collection') }} as list on item.profile_collection_id = list.id
left join {{ ref(lite) }} as product on item.platform_account_id = product.id
where
    item.platform = '{{ platform }}'
    and item.is_enabled
    and not item.is_hidden
    and item.created_at <= {{ as_of() }}
    and list.is_enabled
    and list.source = '{{ list_source }}'
{%- endmacro %}
