-- The newest version's review decides about its item in the campaign's post collection: under review = enabled and not
-- in the report, approved = enabled and in the report, rejected = neither. A missing item is added, unless it is
-- rejected. Where two submissions name one post, an approval counts before a review, and that before a rejection.
with newest as (
    select distinct on (submission.application_id)
        submission.application_id, submission.submission_id, submission.post_shortcode, submission.status,
        submission.submitted_at, application.campaign_profile_id, campaign.post_collection_id, campaign.platform
    from campaign.submission
    inner join campaign.application using (application_id)
    inner join campaign.campaign using (campaign_id)
    where submission.kind = 'FINAL_POST' and submission.post_shortcode is not null
    order by submission.application_id, submission.version desc
),
decided as (
    select distinct on (post_collection_id, platform, post_shortcode)
        *, status in ('APPROVED', 'COMPLETED') as is_approved, status = 'REJECTED' as is_rejected
    from newest
    order by
        post_collection_id, platform, post_shortcode,
        status = 'REJECTED', status = 'UNDER_REVIEW', submitted_at, submission_id
)
insert into campaign.post_item as item
    (post_collection_id, platform, post_shortcode, campaign_profile_id, is_enabled, is_in_report, posted_at)
select
    post_collection_id, platform, post_shortcode, campaign_profile_id, not is_rejected, is_approved, submitted_at
from decided
where not is_rejected or exists (
    select from campaign.post_item as present
    where (present.post_collection_id, present.platform, present.post_shortcode)
        = (decided.post_collection_id, decided.platform, decided.post_shortcode)
)
order by post_collection_id, platform, post_shortcode
on conflict (post_collection_id, platform, post_shortcode) do update
set is_enabled = excluded.is_enabled, is_in_report = excluded.is_in_report, updated_at = %(now)s
where (item.is_enabled, item.is_in_report) is distinct from (excluded.is_enabled, excluded.is_in_report)
returning item.post_shortcode;
