{{
    config(
        materialized='incremental',
        engine='ReplacingMergeTree(_version)',
        order_by='profile_id',
        sharding_key='cityHash64(profile_id)',
        unique_key='profile_id',
        projections=[project_newest('updated_at')],
        settings=merges_projections(),
        tags=['core'],
    )
}}

-- Grain: one row per profile_id for readers (ref_latest). The feed names the two type columns the other way round. A 0
-- of a private account, whose posts and lists are not seen, says nothing.
{%- set averages = ['avg_likes', 'avg_comments', 'avg_reach', 'avg_impressions', 'avg_engagement', 'avg_reels_plays'] %}
select
    assumeNotNull({{ clean_id('feed.profile_id', 'profile') }}) as profile_id,
    feed.id as account_row_id,
    {{ clean_text('feed.fbid') }} as facebook_id,
    {{ clean_handle('feed.handle') }} as handle,
    {{ clean_text('feed.full_name') }} as full_name,
    {{ clean_text('feed.biography') }} as biography,
    {{ clean_text('feed.category') }} as category,
    {{ clean_text('feed.category_id') }} as category_id,
    lower({{ clean_text('feed.language') }}) as language,
    upper({{ clean_text('feed.country') }}) as country,
    {{ known_value('upper(' ~ clean_text('feed.account_type') ~ ')', ['CREATOR', 'BRAND']) }} as profile_type,
    {{ known_value(
        'lower(' ~ clean_text('feed.profile_type') ~ ')', ['personal', 'business', 'creator']
    ) }} as account_type,
    {{ clean_text('feed.profile_pic_url') }} as profile_pic_url,
    {{ unless_flagged('feed.is_private and feed.followers = 0', clean_count('feed.followers')) }} as followers,
    {{ unless_flagged('feed.is_private and feed.following = 0', clean_count('feed.following')) }} as following,
    {{ unless_flagged('feed.is_private and feed.media_count = 0', clean_count('feed.media_count')) }} as media_count,
    {%- for name in averages %}
    {{ unless_flagged('feed.is_private and feed.' ~ name ~ ' = 0', clean_measure('feed.' ~ name)) }} as {{ name }},
    {%- endfor %}
    feed.is_private,
    feed.is_verified,
    feed.is_business_or_creator,
    feed.is_creator,
    feed.is_in_gcc_collection,
    feed.on_gcc as is_on_gcc,
    {{ clean_time('feed.created_at') }} as created_at,
    {{ version_at('feed') }} as updated_at,
    {{ clean_time('feed.refreshed_at') }} as refreshed_at,
    {{ delivery_order(version_at('feed'), 'feed.id', 'feed.*') }} as _version
from {{ source('beat_replica', 'instagram_account') }} as feed
where
    {{ clean_id('feed.profile_id', 'profile') }} is not null
    and {{ ingested_since(version_at('feed'), 'updated_at') }}
{{ keep_latest('profile_id', '_version') }}
