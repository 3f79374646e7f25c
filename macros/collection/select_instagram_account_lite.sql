{#- A model's body. Which Instagram profile a product account of an environment stands for, one row per id. -#}
{% macro select_instagram_account_lite(environment) -%}
select
    feed.id,
    {{ clean_id('feed.ig_id', 'profile') }} as profile_id,
    {{ clean_handle('feed.handle') }} as handle,
    {{ created_at('feed') }} as created_at,
    feed.updated_at
from {{ source(collection_environment(environment).source, 'view_instagram_account_lite') }} as feed
where {{ ingested_until('feed.updated_at') }}
{{ keep_latest('id', 'updated_at', ties=['profile_id']) }}
{%- endmacro %}
