-- What people did, the newest first.
select
    entry.at,
    entry.who,
    entry.role,
    entry.action,
    entry.subject,
    entry.detail
from ops.app_audit as entry
order by entry.at desc, entry.audit_id desc
limit %(limit)s
