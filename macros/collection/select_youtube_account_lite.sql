{#- A model's body. Which YouTube channel a product account of an environment stands for, one row per id. -#}
{% macro select_youtube_account_lite(environment) -%}
select
    feed.id,
    {{ clean_id('feed.channel_id', 'channel') }} as channel_id,
    {{ created_at('feed') }} as created_at,
    feed.updated_at
from {{ source(collection_environment(environment).source, 'view_youtube_account_lite') }} as feed
where {{ ingested_until('feed.updated_at') }}
{{ keep_latest('id', 'updated_at', ties=['channel_id']) }}
{%- endmacro %}
