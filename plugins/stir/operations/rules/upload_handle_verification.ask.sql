-- Posts whose submitter has not been compared with their owner.
select distinct submission.post_shortcode
from campaign.submission
where submission.kind = 'FINAL_POST'
    and submission.post_shortcode is not null
    and not exists (select from campaign.handle_check where handle_check.submission_id = submission.submission_id);
