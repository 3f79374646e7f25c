"""The ledger in schema `stir` of the target database: the live generation and the earlier ones.

`stir.generation` is written in the transaction that swaps the table, so a reader sees both or neither. Its primary key
is the compare-and-set: generation N + 1 can be taken once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, LiteralString

import psycopg
from psycopg import sql
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from stir.connections import table_exists
from stir.database import PUBLISH, apply
from stir.publish.spec import PublishSpec
from stir.publish.state import PublishState

_FOR_READERS = ("stir.generation", "stir.current_generation", "stir.contract_change")
CHANNEL = "stir_generation"
"""Where each swap is notified, as `<table> <generation>`; readers may LISTEN to refresh what they keep."""

_NOT_READABLE: LiteralString = """
select role, name from unnest(%s::text[]) as role, unnest(%s::text[]) as name
where not has_table_privilege(role, name, 'select')
"""


@dataclass(frozen=True)
class Generation:
    """One publish or rollback of a table.

    Attributes:
        content: the generation that first showed these rows; less than `generation` after a rollback.
        kept: its rows still exist, live or stored.
        months: digest of the rows of each month, where the spec carries months over.
        partitions: the table of each month in schema `stir`, in mode `partition`; see stir.publish.partitions.
        feeds: newest moment of each feed in the rows, ISO. as_of: the moment for which the mart was built, ISO; both
            are empty for what an older version published.
    """

    generation: int
    event: Literal["publish", "rollback"]
    content: int
    run_id: str
    stored_as: str
    table_oid: int
    rows: int
    bytes: int
    checksum: str
    fingerprint: str
    watermark: datetime | None
    published_at: datetime
    published_by: str
    mode: str
    kept: bool
    months: Mapping[str, str] = field(default_factory=dict)
    partitions: Mapping[str, str] = field(default_factory=dict)
    feeds: Mapping[str, str] = field(default_factory=dict)
    as_of: str = ""

    def state(self, live: Generation) -> str:
        """`live`, `live as N` (rolled back to), `kept` (can be rolled back to) or `gone`."""
        if self.generation == live.generation:
            return "live"
        if self.content == live.content:
            return f"live as {live.generation}"
        return "kept" if self.kept else "gone"


def ensure(connection: psycopg.Connection, readers: Sequence[str]) -> None:
    """Create the ledger where it is missing; readers may see how fresh their tables are.

    Raises:
        StirError: the role may not create it.
    """
    apply(connection, PUBLISH)
    if not (missing := connection.execute(_NOT_READABLE, [list(readers), list(_FOR_READERS)]).fetchall()):
        return
    with connection.transaction():
        # Two grants on a table at the same time are an error.
        connection.execute("select pg_advisory_xact_lock(hashtextextended('stir ledger', 0))")
        for role, table in missing:
            reader, name = sql.Identifier(role), sql.Identifier(*table.split("."))
            connection.execute(sql.SQL("grant usage on schema stir to {}").format(reader))
            connection.execute(sql.SQL("grant select on {} to {}").format(name, reader))


_SELECT: LiteralString = """
select generation, event, content, run_id, stored_as, table_oid::bigint as table_oid, rows, bytes, checksum,
    fingerprint, watermark, published_at, published_by,
    coalesce(manifest ->> 'mode', 'rename') as mode, coalesce(manifest -> 'months', '{}') as months,
    coalesce(manifest -> 'partitions', '{}') as partitions,
    coalesce(manifest -> 'feeds', '{}') as feeds, coalesce(manifest ->> 'as_of', '') as as_of,
    case when manifest ->> 'mode' in ('merge', 'partition')
        then to_regclass('stir.' || quote_ident(stored_as)) is not null
    else exists (select from pg_class where oid = table_oid and relname in (stored_as, table_name)) end as kept
from stir.generation
"""


def history(connection: psycopg.Connection, spec: PublishSpec, newest: int = 1000) -> list[Generation]:
    """The newest generations of a table, oldest first; the last one is live. Empty before the first publish."""
    if not table_exists(connection, "stir.generation"):
        return []
    with connection.cursor(row_factory=class_row(Generation)) as cursor:
        cursor.execute(f"{_SELECT} where table_name = %s order by generation desc limit %s", [spec.table, newest])
        return cursor.fetchall()[::-1]


def live(connection: psycopg.Connection, spec: PublishSpec) -> Generation | None:
    """The generation that readers see, None before the first publish."""
    generations = history(connection, spec, newest=1)
    return generations[0] if generations else None


def of_run(connection: psycopg.Connection, run_id: str) -> Generation | None:
    """The generation that a run published, if it did."""
    with connection.cursor(row_factory=class_row(Generation)) as cursor:
        cursor.execute(f"{_SELECT} where run_id = %s", [run_id])
        return cursor.fetchone()


def record_publish(cursor: psycopg.Cursor, state: PublishState, *, table_oid: int, manifest: dict[str, object]) -> None:
    """Write generation base + 1 of a run; part of the swap transaction.

    Raises:
        psycopg.errors.UniqueViolation: another run was faster, or this one has published already.
    """
    generation = state.base + 1
    cursor.execute(
        """
        insert into stir.generation (table_name, generation, event, content, run_id, stored_as, table_oid, rows, bytes,
            checksum, fingerprint, watermark, manifest)
        values (%s, %s, 'publish', %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        """,
        [
            state.spec.table,
            generation,
            generation,
            state.run_id,
            state.loaded,
            table_oid,
            state.rows,
            state.bytes,
            state.checksum,
            state.fingerprint,
            state.watermark or None,
            Jsonb(manifest),
        ],
    )
    _notify(cursor, state.spec.table, generation)


def confirm(connection: psycopg.Connection, state: PublishState) -> None:
    """Note that a newer build of the mart, over newer data, has the content that readers have already."""
    if not state.as_of:
        return
    connection.execute(
        """
        update stir.generation set watermark = %s, manifest = manifest || %s
        where table_name = %s and generation = %s and coalesce(manifest ->> 'as_of', '') < %s
        """,
        [
            state.watermark or None,
            Jsonb({"feeds": dict(state.feeds), "as_of": state.as_of}),
            state.spec.table,
            state.generation,
            state.as_of,
        ],
    )


def record_rollback(
    cursor: psycopg.Cursor, spec: PublishSpec, *, live: Generation, back_to: Generation, run_id: str, table_oid: int
) -> None:
    """Write generation live + 1, which shows the rows of an earlier one; part of the swap transaction.

    Raises:
        psycopg.errors.UniqueViolation: another run was faster.
    """
    cursor.execute(
        """
        insert into stir.generation (table_name, generation, event, content, run_id, stored_as, table_oid, rows, bytes,
            checksum, fingerprint, watermark, manifest)
        select table_name, %s, 'rollback', content, %s, stored_as, %s, rows, bytes,
            checksum, fingerprint, watermark, manifest
        from stir.generation
        where table_name = %s and generation = %s
        """,
        [live.generation + 1, run_id, table_oid, spec.table, back_to.generation],
    )
    _notify(cursor, spec.table, live.generation + 1)


def _notify(cursor: psycopg.Cursor, table: str, generation: int) -> None:
    """Send the notification of a swap, which listeners get when its transaction commits."""
    cursor.execute("select pg_notify(%s, %s)", [CHANNEL, f"{table} {generation}"])
