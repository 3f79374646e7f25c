-- What readers ask most, in one row per table.
create view stir.current_generation as
select distinct on (table_name)
    table_name,
    generation,
    event,
    table_oid,
    rows,
    published_at,
    watermark,
    manifest ->> 'mode' as mode,
    manifest ->> 'as_of' as as_of,
    manifest -> 'feeds' as feeds
from stir.generation
order by table_name, generation desc;
comment on view stir.current_generation is
    'The live generation of each published table. Each swap also sends a notification on channel stir_generation.';
