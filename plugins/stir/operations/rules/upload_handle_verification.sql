-- The submitter's account against the owner's. Ids are compared, because handles change and are spelt in many ways; the
-- handles are kept as evidence.
insert into campaign.handle_check (submission_id, verdict, evidence, checked_at)
select
    submission.submission_id,
    case when profile.account_id = fact.profile_id then 'SAME' else 'DIFFERENT' end,
    jsonb_build_object(
        'post', fact.shortcode,
        'submitter', jsonb_build_object('account_id', profile.account_id, 'handle', lower(profile.handle)),
        'owner', jsonb_build_object('account_id', fact.profile_id, 'handle', fact.handle, 'seen_at', fact.seen_at)),
    %(now)s
from campaign.submission
inner join fact on fact.shortcode = submission.post_shortcode
inner join campaign.application using (application_id)
inner join campaign.campaign_profile as profile using (campaign_profile_id)
where submission.kind = 'FINAL_POST'
order by submission.submission_id
on conflict (submission_id) do nothing
returning submission_id;
