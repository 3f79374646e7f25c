-- Grain: one row per channel_id. Attributes of YouTube channels by precedence. The newer of our own reading and
-- the vendor's last file gives the facts; what it does not know, the other may. Contact data becomes flags.
with own as (
    select * from {{ ref_latest('stg_beat_youtube_account') }}
),

-- The newest file that has the channel; counters are text.
vendor_channels as (
    select
        assumeNotNull({{ clean_key('snapshot.id') }}) as channel_id,
        {{ clean_vendor_text('snapshot.title') }} as title,
        {{ clean_vendor_text('snapshot.description') }} as description,
        {{ clean_handle('snapshot.custom_url') }} as custom_url,
        {{ clean_vendor_text('snapshot.country') }} as country,
        {{ clean_vendor_text('snapshot.thumbnail') }} as thumbnail,
        {{ count_in('trimBoth(snapshot.subscriber_count)') }} as followers,
        {{ count_in('trimBoth(snapshot.video_count)') }} as uploads,
        {{ count_in('trimBoth(snapshot.view_count)') }} as views,
        coalesce(
            {{ parse_time('snapshot.last_updated_at', known_at="(snapshot.snapshot_date + 1)") }},
            toDateTime64(snapshot.snapshot_date, 6, 'UTC')
        ) as seen_at
    from {{ source('vendor', 'youtube_channels') }} as snapshot
    where {{ clean_key('snapshot.id') }} is not null and {{ file_has_come('snapshot.snapshot_date') }}
    {{ keep_latest('channel_id', 'snapshot_date', ties=['seen_at', 'views']) }}
),

vendor_links as (
    select
        assumeNotNull({{ clean_key('link.youtube_userid') }}) as channel_id,
        {{ house_category('trimBoth(link.ccatid)', 'vendor') }} as category,
        {{ language_code(clean_vendor_text('link.language')) }} as language,
        {{ clean_vendor_text('link.contacts_email') }} is not null as has_email,
        {{ clean_vendor_text('link.contacts_phone') }} is not null as has_phone
    from {{ source('vendor', 'social_profiles') }} as link
    where {{ clean_key('link.youtube_userid') }} is not null
    {{ keep_latest('channel_id', 'category', ties=['language', 'has_email', 'has_phone']) }}
),

facts as (
    select
        own.channel_id as channel_id,
        coalesce(vendor_channels.seen_at > own.updated_at, false) as vendor_is_newer,
        {%- for column in ['title', 'description', 'custom_url', 'thumbnail', 'followers', 'uploads', 'views'] %}
        if(
            vendor_is_newer,
            coalesce(vendor_channels.{{ column }}, own.{{ column }}),
            coalesce(own.{{ column }}, vendor_channels.{{ column }})
        ) as known_{{ column }},
        {%- endfor %}
        {{ country_code('own.country') }} as own_country,
        {{ country_code('vendor_channels.country') }} as vendor_country,
        if(vendor_is_newer, vendor_country, own_country) as newer_country,
        if(vendor_is_newer, own_country, vendor_country) as older_country,
        {{ house_category('own.yt_category', 'youtube') }} as youtube_category
    from own
    left join vendor_channels on own.channel_id = vendor_channels.channel_id
),

pictures as (
    select entity_id as channel_id, asset_url
    from {{ ref_latest('stg_beat_asset_log') }}
    where platform = 'YOUTUBE' and entity_type = 'PROFILE'
)

select
    own.channel_id as channel_id,
    facts.known_title as title,
    own.username as username,
    facts.known_custom_url as custom_url,
    facts.known_description as description,
    own.yt_category as yt_category,
    {{ first_known('category', [
        ('manual', 'manual.category'),
        ('vendor', 'vendor_links.category'),
        ('youtube', 'facts.youtube_category'),
    ]) | indent }},
    {{ first_known('language', [
        ('beat', language_code('own.language')),
        ('manual', 'manual.language'),
        ('audio', 'spoken.language'),
        ('vendor', 'vendor_links.language'),
    ]) | indent }},
    {{ first_known('country', [
        ('tagged', country_code('own.tagged_country')),
        ('newer', 'facts.newer_country'),
        ('older', 'facts.older_country'),
    ]) | indent }},
    manual.city as city,
    manual.state as state,
    manual.gender as gender,
    coalesce(
        if(own.profile_type in ('CREATOR', 'BRAND'), own.profile_type, null), manual.profile_type
    ) as profile_type,
    coalesce(pictures.asset_url, facts.known_thumbnail) as profile_pic_url,
    facts.known_followers as followers,
    facts.known_uploads as uploads,
    facts.known_views as views,
    own.shorts as shorts,
    own.is_verified as is_verified,
    own.is_subscriber_count_hidden as is_subscriber_count_hidden,
    toBool(coalesce(vendor_links.has_email, 0)) as has_email,
    toBool(coalesce(vendor_links.has_phone, 0)) as has_phone,
    own.published_at as published_at,
    own.created_at as created_at,
    own.updated_at as updated_at
from own
inner join facts on own.channel_id = facts.channel_id
left join vendor_links on own.channel_id = vendor_links.channel_id
left join {{ ref('mart_manual_profile_data') }} as manual
on own.channel_id = manual.profile_key and manual.platform = 'YOUTUBE'
left join {{ ref('mart_youtube_account_language') }} as spoken on own.channel_id = spoken.channel_id
left join pictures on own.channel_id = pictures.channel_id
