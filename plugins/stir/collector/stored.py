"""What is known of accounts and posts: their rows as they stand.

A record of such a table is the row that stands with what was read in its place, because a source answers a part of the
columns and a row is replaced as a whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from stir import connections
from stir.errors import StirError
from stir.settings import Settings
from stir.sources.contract import contract
from stir.sources.tables import quoted

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

Row = dict[str, Any]


class Stored(Protocol):
    """Rows of source tables, the newest of each key."""

    async def rows(self, table: str, column: str, values: Collection[str], *, source: str = "") -> Mapping[str, Row]:
        """The rows whose column has one of the values, by that value; of events those of one source.

        Handles are compared and given in lower case.

        Raises:
            StirError: they cannot be read. The request must be given back before anything is asked.
        """
        ...


class NothingStored:
    """An empty store."""

    async def rows(self, table: str, column: str, values: Collection[str], *, source: str = "") -> Mapping[str, Row]:
        """No rows."""
        return {}


class StoredInWarehouse:
    """The rows of ClickHouse. A table that does not exist yet is empty.

    Args:
        until: rows of a later version are not seen; the present moment of a world that is not at its end.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: Client | None = None
        self._lock = asyncio.Lock()

    async def rows(self, table: str, column: str, values: Collection[str], *, source: str = "") -> Mapping[str, Row]:
        """The rows whose column has one of the values, by that value."""
        if not values:
            return {}
        async with self._lock:  # a client serves one query at a time
            return await asyncio.to_thread(self._read, table, column, sorted(set(values)), source)

    def _read(self, table: str, column: str, values: list[str], source: str) -> dict[str, Row]:
        from clickhouse_connect.driver.exceptions import ClickHouseError

        known = contract(table)
        known.field(column)  # a name of ours, never of a request
        compared = f"lower({column})" if column == "handle" else column
        try:
            self._client = self._client or connections.clickhouse(self._settings)
            found = self._client.query(
                f"select * from {quoted(table)} where {compared} in {{values:Array(String)}}"
                f"{' and source = {source:String}' if source else ''}"
                f" order by {known.ingested} desc limit 1 by {compared}",
                parameters={"values": values, "source": source},
            )
        except ClickHouseError as error:
            if connections.missing_table(error) or "UNKNOWN_DATABASE" in str(error):
                return {}
            raise StirError(
                "ClickHouse does not answer what is stored of the entities",
                where=table,
                do="see `./stir status`; the requests wait",
            ) from None
        names = {field.name for field in known.fields}
        return {
            (str(row[column]).lower() if column == "handle" else str(row[column])): {
                name: _plain(value) for name, value in row.items() if name in names
            }
            for row in found.named_results()
        }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    return value
