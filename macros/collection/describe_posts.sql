{#- What is known of the posts of a platform whose shortcodes are in the CTE wanted, apart from their series:
    attributes, the author's followers today, a story's context as captured with it, and today's counters. One row per
    post_shortcode, the same columns for both platforms. -#}
{% macro describe_posts(platform, wanted) -%}
    {%- set unknown = 'cast(null as Nullable(Int64))' -%}
    {%- set own = {
        'INSTAGRAM': ['likes', 'comments', 'plays', 'views', 'shares', 'saves', 'taps_forward', 'taps_back', 'exits',
            'replies', 'navigation', 'profile_visits', 'follows'],
        'YOUTUBE': ['likes', 'comments', 'views'],
    }[platform] -%}
    select
        '{{ platform }}' as platform,
        post.shortcode as post_shortcode,
        {%- if platform == 'INSTAGRAM' %}
        post.profile_id as profile_id,
        coalesce(account.handle, post.handle) as handle,
        account.full_name as profile_name,
        post.post_type as post_type,
        post.caption as title,
        post.caption as text,
        coalesce(asset.asset_url, post.thumbnail_url, post.display_url) as thumbnail_url,
        {%- else %}
        post.channel_id as profile_id,
        account.custom_url as handle,
        coalesce(account.title, post.channel_title) as profile_name,
        post.post_type as post_type,
        post.title as title,
        concat(coalesce(post.title, ''), '\n', coalesce(post.description, '')) as text,
        coalesce(asset.asset_url, post.thumbnail) as thumbnail_url,
        {%- endif %}
        account.followers as followers,
        {%- if platform == 'INSTAGRAM' %}
        coalesce(post.first_seen_followers, account.followers) as captured_followers,
        post.first_seen_engagement_rate_pct / 100 as captured_engagement_ratio,
        {%- else %}
        {{ unknown }} as captured_followers,
        cast(null as Nullable(Float64)) as captured_engagement_ratio,
        {%- endif %}
        {%- for counter in list_post_counters() %}
        {%- set named_otherwise = platform == 'INSTAGRAM' and counter == 'swipe_ups' %}
        {{ 'post.' ~ counter if counter in own else ('post.swipe_up' if named_otherwise else unknown) }} as {{ counter }},
        {%- endfor %}
        {{ 'nullIf(post.reach, 0)' if platform == 'INSTAGRAM' else unknown }} as measured_reach,
        {{ 'nullIf(post.impressions, 0)' if platform == 'INSTAGRAM' else unknown }} as measured_impressions,
        post.published_at as published_at
    {%- if platform == 'INSTAGRAM' %}
    from {{ ref_latest('stg_beat_instagram_post', 'post') }}
    left join (select * from {{ ref_latest('stg_beat_instagram_account') }}) as account
        on post.profile_id = account.profile_id
    {%- else %}
    from {{ ref_latest('stg_beat_youtube_post', 'post') }}
    left join (select * from {{ ref_latest('stg_beat_youtube_account') }}) as account
        on post.channel_id = account.channel_id
    {%- endif %}
    left join (
        select entity_id, asset_url
        from {{ ref_latest('stg_beat_asset_log') }}
        where platform = '{{ platform }}' and entity_type = 'POST'
    ) as asset
        on post.shortcode = asset.entity_id
    where post.shortcode in (select post_shortcode from {{ wanted }})
{%- endmacro %}
