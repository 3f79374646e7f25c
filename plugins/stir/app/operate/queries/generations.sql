-- The generations of a table, the newest first, and whether their rows are still there to roll back to.
select
    found.generation,
    found.event,
    found.content,
    found.rows,
    found.bytes,
    found.checksum,
    found.watermark,
    found.published_at,
    found.published_by,
    found.run_id,
    case
        when found.manifest ->> 'mode' = 'merge' then to_regclass('stir.' || quote_ident(found.stored_as)) is not null
        else exists (
            select from pg_class
            where pg_class.oid = found.table_oid and pg_class.relname in (found.stored_as, found.table_name)
        )
    end as is_kept,
    found.content = first_value(found.content) over (order by found.generation desc) as is_live
from stir.generation as found
where found.table_name = %(table)s
order by found.generation desc
limit %(limit)s
