"""The record of loaded files: the same file is not loaded twice, and a load that was killed goes on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg


@dataclass
class FileLoad:
    """One load, as far as it has come.

    Attributes:
        refused: quarantined rows by reason.
        blocks: blocks whose rows are in ClickHouse or in quarantine.
        written: rows by source table.
    """

    load_id: str
    target: str
    started_at: datetime
    finished_at: datetime | None = None
    read: int = 0
    loaded: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    blocks: int = 0
    written: dict[str, int] = field(default_factory=dict)

    @property
    def quarantined(self) -> int:
        return sum(self.refused.values())


def load_id(path: Path, target: str, version: str, options: Mapping[str, Any]) -> str:
    """What identifies a load: the bytes of the file, where it goes, the contracts and the options."""
    digest = sha256(json.dumps([target, version, options], sort_keys=True).encode())
    with path.open("rb") as stream:
        while part := stream.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()[:32]


def begin(
    connection: psycopg.Connection, known_as: str, target: str, path: Path, name: str, options: Mapping[str, Any]
) -> FileLoad:
    """The load with this id: a new one, or the one that was begun or finished before."""
    connection.execute(
        "insert into ingest.file_load (load_id, target, file_name, file_bytes, options, started_at)"
        " values (%s, %s, %s, %s, %s, %s) on conflict (load_id) do nothing",
        [known_as, target, name, path.stat().st_size, json.dumps(options), datetime.now(UTC).replace(microsecond=0)],
    )
    row = connection.execute(
        "select load_id, target, started_at, finished_at, rows_read, rows_loaded, rows_refused, blocks,"
        " rows_written"
        " from ingest.file_load where load_id = %s",
        [known_as],
    ).fetchone()
    if row is None:
        raise LookupError(f"load {known_as} was removed while it began")
    identity, target, started, finished, read, loaded, refused, blocks, written = row
    begun = started.astimezone(UTC)
    return FileLoad(identity, target, begun, finished, read, loaded, dict(refused), blocks, dict(written))


def save(connection: psycopg.Connection, load: FileLoad, *, is_finished: bool = False) -> None:
    """Write how far a load has come, in the caller's transaction."""
    connection.execute(
        "update ingest.file_load set rows_read = %s, rows_loaded = %s, rows_refused = %s, blocks = %s,"
        " rows_written = %s, finished_at = case when %s then clock_timestamp() end where load_id = %s",
        [
            load.read,
            load.loaded,
            json.dumps(load.refused),
            load.blocks,
            json.dumps(load.written),
            is_finished,
            load.load_id,
        ],
    )


def options_of(connection: psycopg.Connection, known_as: str) -> tuple[str, dict[str, Any]] | None:
    """Where a load went and the options that its file was read with."""
    row = connection.execute("select target, options from ingest.file_load where load_id = %s", [known_as]).fetchone()
    return (str(row[0]), dict(row[1])) if row else None
