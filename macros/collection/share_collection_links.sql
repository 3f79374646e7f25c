{#- What part of a link's clicks and orders each post gets: those of a post collection that show one link share it
    equally. One row per collection_id, link, platform, post_shortcode, from the CTE listed (select_listed_posts). -#}
{% macro share_collection_links(listed) -%}
    select
        collection_id,
        assumeNotNull(link) as link,
        platform,
        post_shortcode,
        count() over (partition by collection_id, link) as link_posts,
        1 / link_posts as share_ratio
    from {{ listed }}
    where link is not null
{%- endmacro %}
