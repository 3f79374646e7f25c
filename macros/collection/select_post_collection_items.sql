{#- A model's body. Posts in lists of an environment, typed and cleaned, one row per id. -#}
{% macro select_post_collection_items(environment) -%}
select
    feed.id,
    coalesce({{ clean_key('feed.post_collection_id') }}, '') as post_collection_id,
    {{ clean_id('feed.short_code', 'post') }} as shortcode,
    feed.posted_by_cp_id as campaign_profile_id,
    {{ known_value('upper(' ~ clean_text('feed.platform') ~ ')', ['INSTAGRAM', 'YOUTUBE']) }} as platform,
    lower({{ clean_text('feed.post_type') }}) as post_type,
    {{ clean_handle('feed.posted_by_handle') }} as posted_by_handle,
    {{ clean_text('feed.post_title') }} as post_title,
    {{ clean_text('feed.post_link') }} as post_link,
    {{ clean_text('feed.post_thumbnail') }} as post_thumbnail,
    {{ clean_text("JSONExtractString(" ~ mend_json("coalesce(feed.sponsor_links, '[]')") ~ ", 1)") }} as sponsor_link,
    {{ clean_text('feed.metrics_ingestion_freq') }} as metrics_ingestion_freq,
    {{ clean_text('feed.created_by') }} as created_by,
    {{ clean_count('feed.cost') }} as cost,
    feed.bookmarked as is_bookmarked,
    feed.enabled as is_enabled,
    feed.retrieve_data as is_crawled,
    feed.show_in_report as is_shown_in_report,
    {{ created_at('feed') }} as created_at,
    feed.updated_at
from {{ source(collection_environment(environment).source, 'post_collection_item') }} as feed
where {{ ingested_until('feed.updated_at') }}
{{ keep_latest('id', 'updated_at', ties=['is_enabled', 'cost']) }}
{%- endmacro %}
