-- Promises that are broken now.
select
    breach.subject,
    breach.promise,
    breach.seen,
    breach.tier,
    breach.opened_at
from ops.breach as breach
where breach.closed_at is null
order by breach.tier, breach.opened_at
