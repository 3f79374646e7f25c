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
where true
    and list.partner_id = %(partner_id)s -- if partner_id
    and list.collection_id = %(collection_id)s and list.collection_type = %(collection_type)s -- if collection_id
order by list.created_at desc, list.collection_id, list.collection_type
offset %(after)s
limit %(limit)s
