"""The source tables: what identifies a row, and when it was ingested. The contracts say so of each."""

from __future__ import annotations

from dataclasses import dataclass

from stir.connections import quoted_table
from stir.sources.contract import Kind, contracts


@dataclass(frozen=True)
class SourceTable:
    """One source table.

    Attributes:
        name: database and table.
        kind: `event` rows are only added; of `mutable` rows the newest version of a key counts; `frozen` tables come
            with the making of a world and never change.
        ingested: SQL expression for the time of ingestion (empty for frozen tables).
        key: column that identifies a row of a mutable table.
        delivered: SQL condition of the rows that upstream delivers; empty where all of them are.
    """

    name: str
    kind: Kind
    ingested: str = ""
    key: str = "id"
    delivered: str = ""

    @property
    def quoted(self) -> str:
        """The name for use in SQL."""
        return quoted(self.name)


def quoted(name: str) -> str:
    """`database.table` with each part in backquotes."""
    return quoted_table(*name.split(".", 1))


TABLES: tuple[SourceTable, ...] = tuple(
    SourceTable(each.name, each.kind, each.ingested, each.key, each.delivered) for each in contracts()
)
"""Every source table of the catalogue, by name."""
