-- Lists with what they cost and brought, for operators only; the newest first. All of a customer, or all.
select
    list.tableoid as source,
    list.collection_id,
    list.collection_type,
    list.title,
    list.partner_id,
    list.source as belongs_to,
    list.source_id as belongs_to_id,
    list.posts,
    list.profiles,
    list.budget,
    list.cost,
    list.clicks,
    list.overall_orders,
    list.delivered_orders,
    list.completed_orders,
    list.starts_at,
    list.ends_at,
    list.created_at
from {table} as list
where (%(partner_id)s::bigint is null or list.partner_id = %(partner_id)s)
    and (
        %(collection_id)s::text is null
        or (list.collection_id = %(collection_id)s and list.collection_type = %(collection_type)s)
    )
order by list.created_at desc, list.collection_id, list.collection_type
offset %(after)s
limit %(limit)s
