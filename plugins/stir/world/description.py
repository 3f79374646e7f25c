"""Describes the world: row counts, content hashes and planted dirt, with one SHA-256 over everything."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from stir import connections
from stir.errors import StirError
from stir.settings import Settings
from stir.sources.tables import TABLES, SourceTable
from stir.world import statements
from stir.world.history import require_world

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client


@dataclass(frozen=True)
class TableContents:
    """One table's contents.

    Attributes:
        name: database and table.
        rows: all rows in the table.
        keys: rows that count: the newest version of each key in a mutable table, else all.
        content: hash over the rows that count, whatever their order (the sum of their hashes modulo 2^64).
    """

    name: str
    rows: int
    keys: int
    content: str


@dataclass(frozen=True)
class WorldDescription:
    """A world, described. Equal parameters give equal descriptions on every machine."""

    seed: int
    creators: int
    start: datetime
    end: datetime
    tables: tuple[TableContents, ...]
    planted: dict[str, int]

    @property
    def sha256(self) -> str:
        """One hash over parameters, the contents that count, and the planted dirt; not over redelivered versions."""
        body = {
            "seed": self.seed,
            "creators": self.creators,
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "tables": [[table.name, table.keys, table.content] for table in self.tables],
            "planted": self.planted,
        }
        return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()

    def as_dict(self) -> dict[str, Any]:
        """The description as plain values, for JSON."""
        body = asdict(self)
        body["start"], body["end"] = self.start.isoformat(), self.end.isoformat()
        return {"sha256": self.sha256, **body}


def describe(settings: Settings) -> WorldDescription:
    """Describe the standing world.

    Raises:
        StirError: no world stands, or its making was interrupted.
    """
    client = connections.clickhouse(settings)
    state = require_world(client)
    planted = {
        str(kind): int(count)
        for statement in statements.read("planted", "counts")
        for kind, count in client.query(statement.sql, parameters=state.bounds()).result_rows
    }
    return WorldDescription(
        seed=state.seed,
        creators=state.creators,
        start=state.start,
        end=state.end,
        tables=tuple(_contents(client, table) for table in TABLES),
        planted=dict(sorted(planted.items())),
    )


def planted(settings: Settings, kind: str) -> list[tuple[str, str, str]]:
    """The planted accounts of one kind of the description: source, entity (account id), detail.

    Raises:
        StirError: no world stands, or it knows no such kind.
    """
    client = connections.clickhouse(settings)
    require_world(client)
    rows = client.query(
        "select source, entity, detail from world.planted where kind = {kind:String} order by source, entity",
        parameters={"kind": kind},
    ).result_rows
    if not rows:
        raise StirError(f"nothing of the kind {kind!r} was planted on accounts", do="see `./stir world describe`")
    return [(str(source), str(entity), str(detail)) for source, entity, detail in rows]


def _contents(client: Client, table: SourceTable) -> TableContents:
    """Count and hash one table; a mutable one is read in key order, so that memory stays bounded."""
    source = f"(select * from {table.quoted} where {table.delivered})" if table.delivered else table.quoted
    rows = int(client.command(f"select count() from {source}"))
    if table.kind == "mutable":
        source = f"(select * from {table.quoted} order by {table.key}, {table.ingested} desc limit 1 by {table.key})"
    found = client.query(
        f"select count(), lower(hex(sum(cityHash64(formatRow('RowBinary', *))))) from {source}"
    ).result_rows[0]
    return TableContents(table.name, rows, int(found[0]), str(found[1]))
