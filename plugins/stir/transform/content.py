"""A hash of each model's content, to prove that a build over the same data changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from clickhouse_connect.driver.binding import quote_identifier
from clickhouse_connect.driver.client import Client

from stir.connections import quoted_table

_COLUMNS = """
select t.name, t.engine, groupArray(c.name)
from system.tables as t
inner join system.columns as c on c.database = t.database and c.table = t.name
where
    t.database = {database:String} and has({models:Array(String)}, t.name)
    and c.name != 'made_of' -- says from which tables the rows were made, which other builds have replaced
group by t.name, t.engine
order by t.name
"""


@dataclass(frozen=True)
class WarehouseContent:
    """The row count of a model, and a hash over all rows that does not depend on their order."""

    rows: int
    digest: int


def content_hashes(
    client: Client,
    database: str,
    models: Collection[str],
    *,
    settings: Mapping[str, int] | None = None,
) -> dict[str, WarehouseContent]:
    """Model name to its content, as a reader with these settings sees it (ReplacingMergeTree tables with FINAL)."""
    found = {}
    tables = client.query(_COLUMNS, parameters={"database": database, "models": list(models)}).result_rows
    for name, engine, columns in tables:
        row = ", ".join(map(quote_identifier, columns))
        final = " final" if "Replacing" in engine else ""
        # Hashed as written: a hash function over the columns would be NULL, and not counted, for a row with a NULL.
        sql = f"select count(), sum(cityHash64(formatRow('RowBinary', {row}))) from {quoted_table(database, name)}"
        rows, digest = client.query(sql + final, settings=dict(settings or {})).result_rows[0]
        found[name] = WarehouseContent(int(rows), int(digest))
    return found


def moved(before: Mapping[str, WarehouseContent], after: Mapping[str, WarehouseContent]) -> list[str]:
    """The models whose content has changed, sorted."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
