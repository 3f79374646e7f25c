-- One payout per accepted application, ever. The unique key on application_id is what keeps the promise; looking first
-- only saves the identities that a conflict would use up.
insert into campaign.payout (application_id, amount, currency, created_at)
select application.application_id, campaign.payout_amount, campaign.payout_currency, %(now)s
from campaign.application
inner join campaign.campaign using (campaign_id)
where application.accepted_at is not null
    and application.status in ('ACTIVE', 'COMPLETED')
    and not exists (select from campaign.payout where payout.application_id = application.application_id)
order by application.application_id
on conflict (application_id) do nothing
returning application_id;
