-- Every published table with its live generation and how many there were.
select
    live.table_name,
    live.generation,
    live.event,
    live.rows,
    live.published_at,
    live.watermark,
    (select count(*) from stir.generation as found where found.table_name = live.table_name) as generations
from stir.current_generation as live
order by live.table_name
