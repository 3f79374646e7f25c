{#- A model's body. One row per Instagram post that is no story and has an author, published until as_of(): our own
    copy, and the vendor's for posts that we never crawled. Reach and impressions: measured where the platform reported
    us, else estimated from today's followers. changed_only keeps the accounts that changed in the 24 hours before
    as_of(). -#}
{% macro select_instagram_posts(changed_only=false) -%}
with accounts as (
    select profile_id, followers
    from {{ ref_latest('stg_beat_instagram_account') }}
    {%- if changed_only %}
    where updated_at > {{ as_of() }} - interval 24 hour
    {%- endif %}
),

own_posts as (
    select
        post.shortcode as post_shortcode,
        assumeNotNull(post.profile_id) as profile_id,
        post.handle,
        post.post_type,
        post.likes,
        post.comments,
        post.views,
        post.plays,
        post.saves,
        post.shares,
        nullIf(post.reach, 0) as measured_reach,
        nullIf(post.impressions, 0) as measured_impressions,
        'beat' as record_source,
        post.published_at
    from {{ ref_latest('stg_beat_instagram_post', 'post') }}
    where
        post.profile_id is not null
        and coalesce(post.post_type, '') != 'story'
        and (post.published_at is null or post.published_at <= {{ as_of() }})
        {%- if changed_only %}
        and post.profile_id in (select accounts.profile_id from accounts)
        {%- endif %}
),

-- The vendor wrote Indian time: 330 minutes ahead of UTC.
{%- set vendor_time = "(toDateTime64(old.publish_time, 6, 'UTC') - interval 330 minute)" %}
vendor_posts as (
    select
        assumeNotNull({{ clean_id('old.shortcode', 'post') }}) as post_shortcode,
        assumeNotNull({{ clean_id('old.profile_id', 'profile') }}) as profile_id,
        {{ clean_handle('old.handle') }} as handle,
        lower({{ clean_text('old.post_type') }}) as post_type,
        {{ clean_count('old.likes') }} as likes,
        {{ clean_count('old.comments') }} as comments,
        {{ clean_count('old.views') }} as views,
        {{ clean_count('old.plays') }} as plays,
        cast(null as Nullable(Int64)) as saves,
        cast(null as Nullable(Int64)) as shares,
        cast(null as Nullable(Int64)) as measured_reach,
        cast(null as Nullable(Int64)) as measured_impressions,
        'vendor' as record_source,
        {{ clean_time(vendor_time) }} as published_at
    from {{ source('vendor', 'instagram_posts_historical') }} as old
    where
        {{ clean_id('old.shortcode', 'post') }} is not null
        and {{ clean_id('old.profile_id', 'profile') }} is not null
        and coalesce(lower({{ clean_text('old.post_type') }}), '') != 'story'
        and (old.publish_time is null or {{ vendor_time }} <= {{ as_of() }})
        and trimBoth(old.shortcode) not in (select own.shortcode from {{ ref('stg_beat_instagram_post') }} as own)
        {%- if changed_only %}
        and trimBoth(old.profile_id) in (select accounts.profile_id from accounts)
        {%- endif %}
    {{ keep_latest('post_shortcode', 'published_at', ties=['likes', 'comments', 'plays', 'profile_id']) }}
),

posts as (
    select * from own_posts
    union all
    select * from vendor_posts
),

with_reach as (
    select
        posts.*,
        accounts.followers,
        if(posts.post_type = 'reels', 'reels', 'static') as post_class,
        if(
            posts.post_type = 'reels',
            {{ estimate_reel_reach('posts.plays', 'accounts.followers') }},
            {{ estimate_static_reach('posts.likes', 'accounts.followers') }}
        ) as estimated_reach,
        coalesce(toFloat64(posts.measured_reach), estimated_reach) as known_reach,
        if(
            posts.post_type = 'reels',
            {{ estimate_reel_impressions('posts.plays', 'known_reach') }},
            {{ estimate_static_impressions('posts.likes', 'known_reach') }}
        ) as estimated_impressions
    from posts
    left join accounts on posts.profile_id = accounts.profile_id
)

select
    post_shortcode,
    profile_id,
    handle,
    post_type,
    post_class,
    record_source,
    followers,
    likes,
    comments,
    views,
    plays,
    saves,
    shares,
    likes + comments as engagement,
    known_reach as reach,
    coalesce(toFloat64(measured_impressions), estimated_impressions) as impressions,
    if(known_reach is null, null, toBool(measured_reach is null)) as reach_is_estimated,
    if(impressions is null, null, toBool(measured_impressions is null)) as impressions_is_estimated,
    published_at
from with_reach
{%- endmacro %}
