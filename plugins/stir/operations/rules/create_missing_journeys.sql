-- Every active application has a journey, begun when its application was accepted.
insert into campaign.journey (application_id, started_at)
select application_id, coalesce(accepted_at, %(now)s)
from campaign.application
where status = 'ACTIVE' and not exists (
    select from campaign.journey where journey.application_id = application.application_id
)
order by application_id
on conflict (application_id) do nothing
returning application_id;
