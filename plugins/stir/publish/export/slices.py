"""Cutting a snapshot into parts, each of which is read by itself: along its sorting key, or by a hash of the key.

A slice of the sorting key costs ClickHouse only the rows in it and reaches PostgreSQL nearly in index order. A hash
reads the whole mart once per part, so it is the way for what has no sorting key of its own, which is a spec with a
query, and for marts whose index is too coarse.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from clickhouse_connect.driver.binding import quote_identifier

from stir.publish.spec import PublishSpec

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

ROWS_PER_PART = 125_000
"""Small enough for loading to begin early, large enough to make a part's round trips negligible."""
HASH_PARTS = 4
"""Most parts if each one reads the whole mart."""
LARGER = 4
"""How many times as large those parts are: reading the mart again must cost less than a part of its own gains."""

Bound = tuple[str, ...]
"""Literals of the first columns of the sorting key, in its order."""

_LITERALS = (
    # Hex digits need no quoting, whatever the text holds.
    (r"(LowCardinality\()?String\)?", r"concat('unhex(\'', hex({name}), '\')')"),
    (r"U?Int(8|16|32|64)", "toString({name})"),
    (r"Bool", "toString({name})"),
    (r"Date", r"concat('toDate(\'', toString({name}), '\')')"),
)
"""ClickHouse type to an expression that writes a value as a literal. Others, above all Nullable ones, have none."""


def conditions(client: Client, spec: PublishSpec, snapshot: str, parts: int) -> list[str]:
    """ClickHouse conditions, every row fulfilling exactly one of them; `snapshot` is `database.table`.

    Fewer than `parts` where the sorting key is coarse or of no use; an empty one where there is nothing to cut.
    """
    few = max(1, min(HASH_PARTS, parts // LARGER))
    database, _, table = snapshot.rpartition(".")
    if parts > 1 and not spec.query and (columns := _key_columns(client, database, table)):
        found = bounds(_marks(client, database, table, columns), parts)
        if len(found) >= few:
            return along(list(columns), found)
    return by_hash(spec.key, few)


def both(one: str, other: str) -> str:
    """The condition that two conditions make; an empty one demands nothing."""
    return " and ".join(f"({condition})" for condition in (one, other) if condition)


def by_hash(key: Sequence[str], parts: int) -> list[str]:
    """Conditions on a hash of the key; an empty one for a single part."""
    names = ", ".join(quote_identifier(name) for name in key)
    return [f"cityHash64({names}) % {parts} = {number}" for number in range(parts)] if parts > 1 else [""]


def along(columns: Sequence[str], found: Sequence[Bound]) -> list[str]:
    """Conditions that cut at the given bounds; each bound belongs to what follows it."""
    names = [quote_identifier(name) for name in columns]
    ends = [*(f"({_compared(names, bound, '<', '<')})" for bound in found), ""]
    starts = ["", *(f"({_compared(names, bound, '>', '>=')})" for bound in found)]
    return [" and ".join(filter(None, pair)) for pair in zip(starts, ends, strict=True)]


def bounds(marks: Sequence[tuple[int, Bound]], parts: int) -> list[Bound]:
    """The cuts for parts of about equal size, given rows and first key of each stretch in the order of the key."""
    total = sum(rows for rows, _ in marks)
    found: list[Bound] = []
    passed = 0
    for rows, bound in marks:
        if passed * parts >= total * (len(found) + 1) and bound not in (marks[0][1], *found[-1:]):
            found.append(bound)
        passed += rows
    return found


def _compared(names: Sequence[str], bound: Bound, strictly: str, at_last: str) -> str:
    """Compare column after column: the index is used for this, and not for a comparison of tuples."""
    name, value = names[0], bound[0]
    if len(bound) == 1:
        return f"{name} {at_last} {value}"
    return f"{name} {strictly} {value} or ({name} = {value} and ({_compared(names[1:], bound[1:], strictly, at_last)}))"


def _key_columns(client: Client, database: str, table: str) -> dict[str, str]:
    """The first columns of the primary key that are plain columns with a literal: name to the literal's expression."""
    where = {"database": database, "table": table}
    key = client.query(
        "select primary_key from system.tables where database = {database:String} and name = {table:String}",
        parameters=where,
    ).result_rows
    types = dict(
        client.query(
            "select name, type from system.columns where database = {database:String} and table = {table:String}",
            parameters=where,
        ).result_rows
    )
    found: dict[str, str] = {}
    for name in key[0][0].split(", ") if key else ():
        literal = next((text for pattern, text in _LITERALS if re.fullmatch(pattern, types.get(name, ""))), None)
        if literal is None:
            break
        found[name] = literal.replace("{name}", quote_identifier(name))
    return found


def _marks(client: Client, database: str, table: str, columns: dict[str, str]) -> list[tuple[int, Bound]]:
    """Rows and first key of each stretch of the primary index, in order of the key.

    The index may leave out the last columns and show a default for them, which is as good a bound as another.
    """
    names = ", ".join(quote_identifier(name) for name in columns)
    found = client.query(
        f"select rows_in_granule, {', '.join(columns.values())} "
        "from mergeTreeIndex({database:String}, {table:String}) "
        f"where rows_in_granule > 0 order by {names}",
        parameters={"database": database, "table": table},
    )
    return [(row[0], tuple(row[1:])) for row in found.result_rows]
