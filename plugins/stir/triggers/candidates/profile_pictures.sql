-- Profiles seen within twelve hours whose picture is not stored, or is stored from another address; largest first.
select
    account.profile_id as entity,
    0 as priority,
    account.profile_pic_url as original_url,
    lower(hex(halfMD5(account.profile_pic_url))) as url_hash
from stg_beat_instagram_account as account
left join (
    select entity_id, original_url
    from stg_beat_asset_log
    where platform = 'INSTAGRAM' and entity_type = 'PROFILE'
) as asset on account.profile_id = asset.entity_id
where
    account.profile_pic_url is not null
    and account.updated_at > {as_of:DateTime64(6, 'UTC')} - interval 12 hour
    and (asset.entity_id is null or ifNull(asset.original_url, '') != account.profile_pic_url)
order by ifNull(account.followers, 0) desc, entity
