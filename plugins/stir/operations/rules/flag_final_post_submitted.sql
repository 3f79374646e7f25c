-- The first enabled item that a campaign profile posted sets its flag and the time. A row that another run holds is left
-- to that run.
with first_post as (
    select campaign_profile_id, min(posted_at) as posted_at
    from campaign.post_item
    where is_enabled
    group by campaign_profile_id
),
due as (
    select profile.campaign_profile_id, first_post.posted_at
    from campaign.campaign_profile as profile
    inner join first_post using (campaign_profile_id)
    where not profile.has_final_post
    order by profile.campaign_profile_id
    for update of profile skip locked
)
update campaign.campaign_profile as profile
set has_final_post = true, first_final_post_at = due.posted_at
from due
where profile.campaign_profile_id = due.campaign_profile_id and not profile.has_final_post
returning profile.campaign_profile_id;
