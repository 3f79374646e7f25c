-- Every store, with the change of an order up to which all is known. Stores that moved longest ago first.
select
    assumeNotNull(store) as entity,
    0 as priority,
    concat(replaceOne(toString(toDateTime(max(updated_at), 'UTC')), ' ', 'T'), 'Z') as updated_at_min
from stg_beat_order
where platform = 'SHOPIFY' and store is not null
group by store
order by max(updated_at), entity
