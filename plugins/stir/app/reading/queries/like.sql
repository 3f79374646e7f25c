-- Accounts whose handle and name have enough of the trigrams of a question (`least` of `grams`), the most alike first.
-- An index finds those that have two of them (`wanted`, app/folding.py). The order does not change within a generation.
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
    alike.shared / cardinality(%(grams)s::text[])::float8 as likeness
from {table} as found
cross join lateral (
    select count(*) as shared from unnest(found.search_grams) as own (gram) where own.gram = any(%(grams)s::text[])
) as alike
where array_to_tsvector(found.search_grams) @@ %(wanted)s::tsquery
    and alike.shared >= %(least)s
    and found.platform = any(%(platforms)s)
    and found.category = %(category)s -- if category
    and found.language = %(language)s -- if language
    and found.country = %(country)s -- if country
order by alike.shared desc, found.followers desc nulls last, found.platform, found.platform_id
offset %(after)s
limit %(limit)s
