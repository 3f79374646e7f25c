-- Grain: one row per profile_id. Attributes of Instagram profiles by precedence; each says where it came from.
-- What is known by handle belongs to the profile that owns the handle now; contact data becomes flags.
with accounts as (
    select * from {{ ref_latest('stg_beat_instagram_account') }}
),

handle_owners as (
    {{ select_handle_owners() | indent }}
),

linked as (
    select
        pair.profile_id as profile_id,
        pair.channel_id as linked_channel_id,
        channel.category as category
    from {{ ref('mart_linked_socials') }} as pair
    left join {{ ref('mart_youtube_account_base') }} as channel on pair.channel_id = channel.channel_id
),

vendor_links as (
    select
        trimBoth(link.instagram_userid) as profile_id,
        {{ house_category('trimBoth(link.ccatid)', 'vendor') }} as category,
        {{ country_code(clean_vendor_text('link.country')) }} as country,
        {{ clean_vendor_text('link.contacts_email') }} is not null as has_email,
        {{ clean_vendor_text('link.contacts_phone') }} is not null as has_phone
    from {{ source('vendor', 'social_profiles') }} as link
    where {{ clean_id('link.instagram_userid', 'profile') }} is not null
    {{ keep_latest('profile_id', 'category', ties=['country', 'has_email', 'has_phone']) }}
),

vendor_profiles as (
    select
        trimBoth(profile.profile_id) as profile_id,
        {{ country_code(clean_vendor_text('profile.country')) }} as country,
        {{ clean_text("splitByChar(',', " ~ clean_vendor_text('profile.city') ~ ")[1]") }} as city,
        upper({{ clean_vendor_text('profile.gender') }}) as gender_letter,
        multiIf(gender_letter = 'M', 'MALE', gender_letter = 'F', 'FEMALE', null) as gender,
        {{ clean_vendor_text('profile.saved_thumbnail') }} as thumbnail,
        {{ clean_vendor_text('profile.email') }} is not null as has_email,
        coalesce(
            {{ clean_vendor_text('profile.contact_phone_number') }},
            {{ clean_vendor_text('profile.public_phone_number') }}
        ) is not null as has_phone
    from {{ source('vendor', 'instagram_profiles') }} as profile
    where {{ clean_id('profile.profile_id', 'profile') }} is not null
    {{ keep_latest('profile_id', 'toInt64OrNull(profile.followers)', ties=['city', 'country', 'gender', 'thumbnail']) }}
),

known_by_handle as (
    select
        owner.profile_id as profile_id,
        guess.city as guessed_city,
        guess.state as guessed_state,
        guess.country as guessed_country,
        guess.language as guessed_language,
        guess.gender as guessed_gender,
        manual.category as manual_category,
        manual.language as manual_language
    from handle_owners as owner
    left join {{ ref('mart_instagram_gpt_basic_data') }} as guess on owner.handle = guess.handle
    left join {{ ref('mart_manual_profile_data') }} as manual
    on owner.handle = manual.profile_key and manual.platform = 'INSTAGRAM'
),

place_countries as (
    select profile_id, place_country as country from {{ ref('mart_instagram_account_activity') }}
),

pictures as (
    select entity_id as profile_id, asset_url
    from {{ ref_latest('stg_beat_asset_log') }}
    where platform = 'INSTAGRAM' and entity_type = 'PROFILE'
)

select
    accounts.profile_id as profile_id,
    linked.linked_channel_id as linked_channel_id,
    accounts.handle as handle,
    accounts.full_name as name,
    accounts.biography as biography,
    {{ first_known('category', [
        ('manual', 'known_by_handle.manual_category'),
        ('linked_channel', 'linked.category'),
        ('vendor', 'vendor_links.category'),
        ('prediction', 'predicted_category.category'),
    ]) | indent }},
    {{ first_known('language', [
        ('manual', 'known_by_handle.manual_language'),
        ('beat', language_code('accounts.language')),
        ('language_model', 'known_by_handle.guessed_language'),
        ('captions', 'predicted_language.language'),
    ]) | indent }},
    {{ first_known('country', [
        ('beat', country_code('accounts.country')),
        ('vendor_link', 'vendor_links.country'),
        ('vendor', 'vendor_profiles.country'),
        ('language_model', 'known_by_handle.guessed_country'),
        ('places', 'place_countries.country'),
    ]) | indent }},
    {{ first_known('city', [
        ('vendor', 'vendor_profiles.city'), ('language_model', 'known_by_handle.guessed_city')
    ]) | indent }},
    {{ first_known('state', [('language_model', 'known_by_handle.guessed_state')]) | indent }},
    {{ first_known('gender', [
        ('vendor', 'vendor_profiles.gender'), ('language_model', 'known_by_handle.guessed_gender')
    ]) | indent }},
    {{ first_known('profile_pic_url', [
        ('asset', 'pictures.asset_url'),
        ('vendor', 'vendor_profiles.thumbnail'),
        ('beat', 'accounts.profile_pic_url'),
    ]) | indent }},
    if(accounts.profile_type in ('CREATOR', 'BRAND'), accounts.profile_type, null) as profile_type,
    accounts.account_type as account_type,
    accounts.is_private as is_private,
    accounts.is_verified as is_verified,
    accounts.is_business_or_creator as is_business_or_creator,
    toBool(coalesce(vendor_profiles.has_email, 0) or coalesce(vendor_links.has_email, 0)) as has_email,
    toBool(coalesce(vendor_profiles.has_phone, 0) or coalesce(vendor_links.has_phone, 0)) as has_phone,
    accounts.created_at as created_at,
    accounts.updated_at as updated_at
from accounts
left join linked on accounts.profile_id = linked.profile_id
left join vendor_links on accounts.profile_id = vendor_links.profile_id
left join vendor_profiles on accounts.profile_id = vendor_profiles.profile_id
left join known_by_handle on accounts.profile_id = known_by_handle.profile_id
left join {{ ref('mart_instagram_predicted_category') }} as predicted_category
on accounts.profile_id = predicted_category.profile_id
left join {{ ref('mart_instagram_predicted_language') }} as predicted_language
on accounts.profile_id = predicted_language.profile_id
left join place_countries on accounts.profile_id = place_countries.profile_id
left join pictures on accounts.profile_id = pictures.profile_id
