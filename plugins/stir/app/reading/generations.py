"""The generations that an answer is of: what it names, what its ETag is made of, and what caches are keyed by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import psycopg
from psycopg import sql


@dataclass(frozen=True)
class Generation:
    """One generation of one published table.

    Attributes:
        number: counts up with every publish and roll-back. published_at: when readers first saw it.
        watermark: the moment up to which every feed of the table has data in it. superseded: a newer one is live.
    """

    table: str
    number: int
    published_at: datetime
    watermark: datetime | None = None
    superseded: bool = False


@dataclass(frozen=True)
class Generations:
    """The generation of each table of an answer."""

    by_table: Mapping[str, Generation]

    @property
    def key(self) -> str:
        """The generations as text, the same for the same generations."""
        return ",".join(f"{table}={found.number}" for table, found in sorted(self.by_table.items()))

    @property
    def published_at(self) -> datetime | None:
        """When the newest of them was published."""
        return max((found.published_at for found in self.by_table.values()), default=None)

    @property
    def as_of(self) -> datetime | None:
        """The moment up to which every feed of every table has data: the oldest watermark."""
        known = [found.watermark for found in self.by_table.values() if found.watermark]
        return min(known, default=None)

    def as_json(self) -> dict[str, Any]:
        """Table to generation, moments as ISO texts."""
        return {
            table: {
                "generation": found.number,
                "published_at": found.published_at.isoformat(),
                "watermark": found.watermark.isoformat() if found.watermark else None,
                "superseded": found.superseded,
            }
            for table, found in sorted(self.by_table.items())
        }


_NEWEST = sql.SQL("""
select table_name, generation, published_at, watermark
from stir.current_generation
where table_name in ({})
""")


@cache
def _newest_of(tables: tuple[str, ...]) -> bytes:
    """The names are few and our own; as a parameter they would be packed as an array each time."""
    return _NEWEST.format(sql.SQL(", ").join(map(sql.Literal, tables))).as_bytes(None)


async def newest(connection: psycopg.AsyncConnection[Any], tables: Sequence[str]) -> Generations:
    """The live generation of each table that is published.

    This is the cheap question before an answer. The answer itself is kept under the generations that its own statement
    names, for a swap may come between the two.
    """
    if not tables:
        return Generations({})
    cursor = await connection.execute(_newest_of(tuple(tables)))
    rows = await cursor.fetchall()
    return Generations({row[0]: Generation(*row) for row in rows})
