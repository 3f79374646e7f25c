"""What staging set aside of the sources, as the warehouse counted it; docs/rejects.md describes the table."""

from __future__ import annotations

from dataclasses import dataclass

from stir import connections
from stir.settings import Settings

TABLE = "staging_reject"
"""In the warehouse's database; macros/rejects/ makes and fills it."""


@dataclass(frozen=True)
class Rejects:
    """Rows of one source table by what became of them, over all days. `read` is all of them.

    Attributes:
        refused: rows that are not in the warehouse.
        emptied: rows that are, with a value set to NULL; one with two such values counts under each reason.
        replaced: older deliveries of a key.
    """

    source_table: str
    read: int
    refused: int
    emptied: int
    replaced: int


def read_rejects(settings: Settings) -> tuple[Rejects, ...] | None:
    """The counts of every source that was staged, by name; None before the first build."""
    from clickhouse_connect.driver.binding import quote_identifier

    with connections.clickhouse(settings) as client:
        where = {"db": settings.clickhouse_database, "table": TABLE}
        known = "select count() from system.tables where database = {db:String} and name = {table:String}"
        if not client.query(known, parameters=where).result_rows[0][0]:
            return None
        rows = client.query(
            "select source_table, sumIf(row_count, outcome = 'read'), sumIf(row_count, outcome = 'refused'),"
            " sumIf(row_count, outcome = 'emptied'), sumIf(row_count, outcome = 'replaced')"
            f" from {quote_identifier(settings.clickhouse_database)}.{TABLE} final"
            " group by source_table order by source_table",
        ).result_rows
    return tuple(Rejects(str(name), *map(int, counts)) for name, *counts in rows)
