-- The account of an active application is in its campaign's profile collection.
insert into campaign.profile_item (profile_collection_id, campaign_profile_id, added_at)
select campaign.profile_collection_id, application.campaign_profile_id, %(now)s
from campaign.application
inner join campaign.campaign using (campaign_id)
where application.status = 'ACTIVE' and not exists (
    select from campaign.profile_item as item
    where (item.profile_collection_id, item.campaign_profile_id)
        = (campaign.profile_collection_id, application.campaign_profile_id)
)
order by campaign.profile_collection_id, application.campaign_profile_id
on conflict (profile_collection_id, campaign_profile_id) do nothing
returning profile_collection_id || '/' || campaign_profile_id;
