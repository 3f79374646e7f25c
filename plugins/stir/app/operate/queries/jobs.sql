-- Jobs, the newest first; one of them where an id is given.
select
    job.job_id::text as job_id,
    job.kind,
    job.subject,
    job.arguments,
    job.status,
    job.requested_by,
    job.cancelled_by,
    job.progress,
    job.said,
    job.result,
    job.exit_code,
    job.created_at,
    job.started_at,
    job.ended_at
from ops.app_job as job
where %(job_id)s::uuid is null or job.job_id = %(job_id)s::uuid
order by job.created_at desc
limit %(limit)s
