"""The warehouse's counts of source rows that staging set aside; docs/rejects.md describes the table."""

from __future__ import annotations

from dataclasses import dataclass

from stir import connections
from stir.settings import Settings

TABLE = "staging_reject"
"""Table in the warehouse's database; macros/rejects/ creates and fills it."""


@dataclass(frozen=True)
class Rejects:
    """Row counts of one source table by outcome, over all days. `read` counts all rows.

    Attributes:
        refused: rows that are not in the warehouse.
        emptied: rows in the warehouse with a value set to NULL. A row with two such values counts under each reason.
        replaced: older deliveries of a key.
    """

    source_table: str
    read: int
    refused: int
    emptied: int
    replaced: int


def read_rejects(settings: Settings) -> tuple[Rejects, ...] | None:
    """The counts of every source that was staged, by name; None before the first build."""

    with connections.clickhouse(settings) as client:
        where = {"db": settings.clickhouse_database, "table": TABLE}
        known = "select count() from system.tables where database = {db:String} and name = {table:String}"
        if not client.query(known, parameters=where).result_rows[0][0]:
            return None
        rows = client.query(
            "select source_table, sumIf(row_count, outcome = 'read'), sumIf(row_count, outcome = 'refused'),"
            " sumIf(row_count, outcome = 'emptied'), sumIf(row_count, outcome = 'replaced')"
            f" from {connections.quoted_table(settings.clickhouse_database, TABLE)} final"
            " group by source_table order by source_table",
        ).result_rows
    return tuple(Rejects(str(name), *map(int, counts)) for name, *counts in rows)
