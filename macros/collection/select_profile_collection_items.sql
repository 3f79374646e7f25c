{#- A model's body. Profiles in lists of an environment, typed and cleaned, one row per id. -#}
{% macro select_profile_collection_items(environment) -%}
select
    feed.id,
    feed.profile_collection_id,
    feed.partner_id,
    toInt64OrNull(trimBoth(feed.platform_account_code)) as platform_account_id,
    {{ clean_text('feed.profile_social_id') }} as profile_social_id,
    feed.campaign_profile_id,
    {{ clean_text('feed.shortlist_id') }} as shortlist_id,
    {{ known_value('upper(' ~ clean_text('feed.platform') ~ ')', ['INSTAGRAM', 'YOUTUBE']) }} as platform,
    {{ clean_text('feed.shortlisting_status') }} as shortlisting_status,
    {{ clean_text('feed.brand_selection_status') }} as brand_selection_status,
    {{ clean_text('feed.brand_selection_remarks') }} as brand_selection_remarks,
    {{ clean_text('feed.internal_commercials') }} as internal_commercials,
    {{ clean_text('feed.custom_columns_data') }} as custom_columns_data,
    {{ clean_text('feed.created_by') }} as created_by,
    {{ clean_count('feed.rank') }} as list_position,
    feed.hidden as is_hidden,
    coalesce(feed.enabled, true) as is_enabled,
    {{ created_at('feed') }} as created_at,
    feed.updated_at
from {{ source(collection_environment(environment).source, 'profile_collection_item') }} as feed
where {{ ingested_until('feed.updated_at') }}
{{ keep_latest('id', 'updated_at', ties=['is_enabled', 'is_hidden', 'list_position']) }}
{%- endmacro %}
