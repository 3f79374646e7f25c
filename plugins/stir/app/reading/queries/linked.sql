-- The other account of the same creator (part who).
select
    account.tableoid as source,
    account.platform,
    account.platform_id,
    account.handle,
    account.name,
    account.followers
from {table} as account
inner join part_who as own
    on account.platform = own.linked_platform and account.platform_id = own.linked_platform_id
