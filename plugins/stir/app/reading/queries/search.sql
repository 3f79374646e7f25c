-- Accounts whose handle or name begins with a text (from `low` on, before `high`), or that have it as their id. The
-- order does not change within a generation, so a page begins after as many rows as were given before it.
select
    found.tableoid as source,
    found.platform,
    found.platform_id,
    found.handle,
    found.name,
    found.category,
    found.language,
    found.country,
    found.profile_type,
    found.followers,
    found.followers_rank_by_country,
    found.is_verified,
    null::float8 as likeness
from {table} as found
where (
        (found.handle_lower >= %(low)s and found.handle_lower < %(high)s)
        or (found.name_lower >= %(low)s and found.name_lower < %(high)s)
        or (found.platform = any(%(platforms)s) and found.platform_id = %(id)s)
    )
    and found.platform = any(%(platforms)s)
    and found.category = %(category)s -- if category
    and found.language = %(language)s -- if language
    and found.country = %(country)s -- if country
order by found.followers desc nulls last, found.platform, found.platform_id
offset %(after)s
limit %(limit)s
