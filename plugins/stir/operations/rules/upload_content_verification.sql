-- One comparison of content per reviewed version of a submission, in campaigns that ask for it. The message to the
-- matcher is written in the same transaction, so there is never one without the other.
with checked as (
    insert into campaign.content_check (submission_id, expected_url)
    select
        submission.submission_id,
        'https://www.instagram.com/' || case submission.post_format when 'reels' then 'reel' else 'p' end
        || '/' || submission.post_shortcode || '/'
    from campaign.submission
    inner join campaign.application using (application_id)
    inner join campaign.campaign using (campaign_id)
    where submission.kind = 'FINAL_POST'
        and submission.reviewed_at is not null
        and submission.post_shortcode is not null
        and campaign.is_content_checked
        and not exists (select from campaign.content_check where content_check.submission_id = submission.submission_id)
    order by submission.submission_id
    on conflict (submission_id) do nothing
    returning submission_id, expected_url
)
insert into ops.outbox (event_key, topic, payload)
select
    'content_check:' || checked.submission_id, 'content_check',
    jsonb_build_object(
        'submission_id', checked.submission_id, 'version', submission.version, 'expected_url', checked.expected_url)
from checked
inner join campaign.submission using (submission_id)
order by checked.submission_id
on conflict (event_key) do nothing
returning payload ->> 'submission_id';
