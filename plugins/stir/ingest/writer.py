"""Writes rows into source tables: once per token, and without the rows that ClickHouse refuses.

A token names exactly its rows. ClickHouse ignores a second insert under a token that it knows, whatever rows it has, so
a caller derives the token from what it read (a file and a block's number, the ids of messages) and never reuses it.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from stir.sources.tables import quoted

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

WINDOW = 1000
"""Tokens that a source table remembers (`non_replicated_deduplication_window`)."""

_REFUSALS = frozenset(
    (6, 26, 27, 38, 41, 53, 69, 70, 72, 117, 130, 131, 190, 321, 349, 407, 469, 691)
)  # fmt: skip
"""ClickHouse's error codes that are about a value or a type. Every other error is about the server or the network."""

_CODE = re.compile(r"Code: (\d+)\.|error code (\d+)")

_SETTINGS: dict[str, Any] = {
    # Asynchronous inserts with tokens have lost rows silently (ClickHouse#111031).
    "async_insert": 0,
    "insert_deduplicate": 1,
    # On a cluster: an insert is over when every shard has its rows.
    "distributed_foreground_insert": 1,
    # A file of years of readings has more months than the default of 100 partitions in one block.
    "max_partitions_per_insert_block": 0,
}

Row = Mapping[str, Any]
Refused = Callable[[int, str], None]
"""Called with the position of a row that ClickHouse refused and ClickHouse's reason."""


class RowsRefused(Exception):
    """ClickHouse refused the rows for a value or a type: the same rows would be refused again."""


def insert(client: Client, table: str, rows: Sequence[Row], token: str) -> int:
    """Insert rows, each with the same columns, once for this token; returns their number.

    Raises:
        RowsRefused: a value is none of its column.
        clickhouse_connect.driver.exceptions.Error: the server or the network failed; try again with the same token.
    """
    if not rows:
        return 0
    return insert_columns(client, table, {name: [row[name] for row in rows] for name in rows[0]}, token)


def insert_columns(client: Client, table: str, columns: Mapping[str, Sequence[Any]], token: str) -> int:
    """As `insert`, for columns of one length by name."""
    with _refusals():
        client.insert(
            quoted(table),
            list(columns.values()),
            column_names=list(columns),
            column_oriented=True,
            settings={**_SETTINGS, "insert_deduplication_token": token},
        )
    return len(next(iter(columns.values())))


def insert_stream(client: Client, table: str, names: Sequence[str], arrow: bytes, token: str) -> None:
    """As `insert`, for rows that are a stream of Arrow's format; `names` are its columns."""
    with _refusals():
        client.raw_insert(
            quoted(table),
            column_names=names,
            insert_block=arrow,
            fmt="ArrowStream",
            settings={**_SETTINGS, "insert_deduplication_token": token},
        )


def insert_isolating(client: Client, table: str, rows: Sequence[Row], token: str, refused: Refused) -> int:
    """Insert rows; those that ClickHouse refuses are reported, the others are inserted. Returns their number.

    A batch that is refused is halved until the refused row is alone. The halves have tokens of their own, so a second
    call with the same rows and token adds nothing.

    Raises:
        clickhouse_connect.driver.exceptions.Error: as `insert`.
    """

    def insert_part(first: int, last: int) -> int:
        part = rows[first:last]
        try:
            return insert(client, table, part, token if len(part) == len(rows) else f"{token}:{first}-{last}")
        except RowsRefused as error:
            if len(part) == 1:
                refused(first, str(error))
                return 0
            middle = (first + last) // 2
            return insert_part(first, middle) + insert_part(middle, last)

    return insert_part(0, len(rows)) if rows else 0


def ensure_tokens(client: Client, table: str) -> None:
    """Let an existing table remember tokens. A table without the setting would insert the same token twice."""
    database, _, name = table.partition(".")
    found = client.query(
        "select engine_full from system.tables where database = {db:String} and name = {name:String}",
        parameters={"db": database, "name": name},
    ).result_rows
    # On a cluster the replicated tables of the shards remember tokens by themselves.
    if not found or str(found[0][0]).startswith(("Distributed", "Replicated")):
        return
    if "non_replicated_deduplication_window" not in str(found[0][0]):
        client.command(f"alter table {quoted(table)} modify setting non_replicated_deduplication_window = {WINDOW}")


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn errors about values and types into RowsRefused; let all others through."""
    from clickhouse_connect.driver.exceptions import DatabaseError, DataError

    try:
        yield
    except (DataError, struct.error, TypeError, ValueError, OverflowError, AttributeError) as error:
        # The driver packs columns before it sends them, and Python raises its own errors there.
        raise RowsRefused(_first_line(error)) from error
    except DatabaseError as error:
        if error_code(error) not in _REFUSALS:
            raise
        raise RowsRefused(_first_line(error)) from error


def error_code(error: BaseException) -> int:
    """ClickHouse's code of an error; 0 where there is none."""
    found = _CODE.search(str(error))
    return int(found[1] or found[2]) if found else 0


def _first_line(error: BaseException) -> str:
    text = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return text[:500]
