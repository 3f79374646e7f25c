-- A referral is complete when its link was launched by somebody else than its owner.
with launched as (
    select link.submission_id, min(launch.launched_at) as launched_at
    from campaign.referral_link as link
    inner join campaign.referral_launch as launch using (referral_link_id)
    where launch.user_id <> link.owner_user_id and launch.launched_at <= %(now)s
    group by link.submission_id
),
due as (
    select submission.submission_id, launched.launched_at
    from campaign.submission
    inner join launched using (submission_id)
    where submission.kind = 'REFERRAL' and submission.status in ('UNDER_REVIEW', 'APPROVED')
    order by submission.submission_id
    for update of submission skip locked
)
update campaign.submission
set status = 'COMPLETED', completed_at = due.launched_at
from due
where submission.submission_id = due.submission_id and submission.completed_at is null
returning submission.submission_id;
