"""S3 to PostgreSQL: each part streamed into COPY, a mebibyte at a time, into a table that readers do not see.

Two ways, both invisible to readers until the swap:

- one transaction that creates the table and loads it frozen: its rows are visible to every snapshot, however old;
- one transaction per part on parallel connections: faster for large tables, but a reader whose snapshot is older than
  the load would find the table empty, so the swap first waits until no such snapshot is left.
"""

from __future__ import annotations

import contextlib
import os
import queue
import secrets
import threading
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

from stir import connections
from stir.errors import StirError
from stir.publish import ddl, partitions
from stir.publish.export import objects, unchanged_months
from stir.publish.export.manifest import Manifest, Part
from stir.publish.progress import UNWATCHED, Observer
from stir.publish.session import writer
from stir.publish.state import PublishState
from stir.settings import Settings

PARALLEL = 2
"""Connections that load at the same time; more than two gained nothing on two cores."""
PARALLEL_FROM = 1_000_000
PARALLEL_CORES = 4
"""From so many rows on, and so many cores, parallel connections gain more than the frozen load; decision 0005."""

_NO_OLD_SNAPSHOT = """
select pg_has_role('pg_read_all_stats', 'usage') and not exists (
    select from pg_stat_activity
    where backend_xmin is not null and pid <> pg_backend_pid() and datname = current_database()
        and xact_start < clock_timestamp() - interval '10 seconds'
)
"""
"""Whether waiting for old snapshots would end soon: they are visible, and no long transaction is open."""


class Loader:
    """Loads parts as they arrive. Leave the `with` block before reading the result of `finish`.

    Attributes:
        table: name, in schema `stir`, of the table that is loaded, or how those of its months begin.
        frozen: the rows are visible to every snapshot.
    """

    def __init__(self, settings: Settings, state: PublishState, observer: Observer = UNWATCHED) -> None:
        self._settings, self._state, self._observer = settings, state, observer
        self.table = state.spec.stored_name(state.token + secrets.token_hex(2))
        self._tables = partitions.loaded_tables(state, self.table)
        self.frozen = partitions.loaded_rows(state) < PARALLEL_FROM or (os.cpu_count() or 1) < PARALLEL_CORES
        self._parts: queue.SimpleQueue[Part | None] = queue.SimpleQueue()
        self._workers: list[threading.Thread] = []
        self._failures: list[BaseException] = []
        self._loaded: dict[int, int] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._connections: list[psycopg.Connection] = []

    def __enter__(self) -> Self:
        """Create the table and start the workers."""
        with writer(self._settings, self._state.target, purpose=f"{self._state.name} load") as connection:
            if not self.frozen:
                self.frozen = connection.execute(_NO_OLD_SNAPSHOT).fetchone() != (True,)
            if not self.frozen:
                self._create_tables(connection)
        for number in range(1 if self.frozen else min(PARALLEL, self._state.parts)):
            connection = writer(
                self._settings, self._state.target, purpose=f"{self._state.name} load {number}", autocommit=False
            )
            self._connections.append(connection)
            work = partial(self._work, connection, carries=number == 0)
            worker = threading.Thread(target=work, name=f"load-{number}", daemon=True)
            self._workers.append(worker)
            worker.start()
        return self

    def submit(self, part: Part) -> None:
        """Load a part as soon as a worker is free.

        Raises:
            BaseException: the error of a worker.
        """
        if self._failures:
            raise self._failures[0]
        self._parts.put(part)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for the workers; after an error stop them."""
        if error is not None:
            self._stop.set()
            for connection in self._connections:
                with contextlib.suppress(psycopg.Error):
                    connection.cancel_safe(timeout=5)
        for _ in self._workers:
            self._parts.put(None)
        for worker in self._workers:
            worker.join()
        for connection in self._connections:
            connection.close()
        if error is None and self._failures:
            raise self._failures[0]

    def finish(self, state: PublishState, manifest: Manifest) -> PublishState:
        """Compare what COPY counted with the manifest.

        Raises:
            StirError: a part is missing, or COPY read other rows than ClickHouse wrote.
        """
        for part in manifest.parts:
            if (loaded := self._loaded.get(part.number)) != part.rows:
                raise StirError(
                    f"part {part.number} of {state.name} has {part.rows:,} rows, COPY read {loaded}",
                    where=part.key,
                    do="publish again; readers keep what they have",
                )
        xid = ""
        if not self.frozen:
            with writer(self._settings, state.target) as connection:
                # A separate transaction after the load: snapshots that are at least this young see the rows.
                row = connection.execute("select pg_current_xact_id()::text").fetchone()
                xid = row[0] if row else ""
        self._observer.reached("loaded")
        return replace(state, loaded=self.table, loaded_xid=xid)

    def _work(self, connection: psycopg.Connection, *, carries: bool) -> None:
        try:
            if self.frozen:
                self._create_tables(connection)
            if carries:
                self._carry_over(connection)
            s3 = connections.s3(self._settings)
            while (part := self._parts.get()) is not None and not self._stop.is_set():
                if self._failures:
                    return
                rows = self._copy(
                    connection, part, objects.stream_rows(s3, self._settings.s3.path, part.key, part.size)
                )
                if not self.frozen:
                    connection.commit()
                with self._lock:
                    if part.number in self._loaded:
                        raise StirError(f"part {part.number} of {self._state.name} came twice", where=part.key)
                    self._loaded[part.number] = rows
                self._observer.reached("part loaded")
            if not self._stop.is_set():
                connection.commit()
        except BaseException as error:
            self._failures.append(error)

    def _create_tables(self, connection: psycopg.Connection) -> None:
        for month, table in self._tables.items():
            connection.execute(ddl.create_table(self._state.spec, table, month=month))

    def _carry_over(self, connection: psycopg.Connection) -> None:
        """Copy the months that have not changed from the table that readers use."""
        state = self._state
        if not state.carried or state.spec.mode == "partition":
            return
        copy_in = ddl.copy_in(state.spec, self.table, freeze=self.frozen, form="binary")
        with (
            writer(self._settings, state.target, purpose=f"{state.name} carry over") as source,
            source.cursor() as reading,
            connection.cursor() as writing,
        ):
            copy_out = sql.SQL("copy ({}) to stdout with (format binary)").format(unchanged_months.live_rows(state))
            with reading.copy(copy_out) as rows, writing.copy(copy_in) as copy:
                for chunk in rows:
                    copy.write(chunk)
                    self._observer.moved(loaded=len(chunk))
                    if self._stop.is_set():
                        raise StirError("the load was stopped")
            if writing.rowcount != state.carried_rows:
                raise StirError(
                    f"{writing.rowcount:,} rows of {state.spec.table} are in months that have not changed, "
                    f"published were {state.carried_rows:,}",
                    do="find out who changed the table, then publish with --force; readers keep what they have",
                )
        if not self.frozen:
            connection.commit()

    def _copy(self, connection: psycopg.Connection, part: Part, chunks: objects.Chunks) -> int:
        with self._observer.span("load: COPY of a part"), connection.cursor() as cursor:
            with cursor.copy(ddl.copy_in(self._state.spec, self._tables[part.month], freeze=self.frozen)) as copy:
                for chunk in chunks:
                    copy.write(chunk)
                    self._observer.moved(loaded=len(chunk))
                    if self._stop.is_set():
                        raise StirError("the load was stopped")
            return cursor.rowcount


def read_manifest(settings: Settings, state: PublishState) -> Manifest:
    """The manifest of this run's export, checked against the snapshot.

    Raises:
        StirError: it is missing, not the one that was written, or does not add up.
    """
    content = objects.read_whole(connections.s3(settings), settings.s3.path, state.manifest)
    manifest = Manifest.from_bytes(content, state.manifest_digest)
    columns = [column.name for column in state.spec.columns]
    manifest.check(rows=state.travelling, checksum=state.checksum, columns=columns)
    return manifest


def load(settings: Settings, state: PublishState, observer: Observer = UNWATCHED) -> PublishState:
    """Load every part of the manifest into a new table.

    Raises:
        StirError: the objects are not what the manifest says.
        psycopg.Error: PostgreSQL refused a row or went away. Readers see nothing of it.
    """
    manifest = read_manifest(settings, state)
    with Loader(settings, state, observer) as loader:
        for part in manifest.parts:
            loader.submit(part)
    return loader.finish(state, manifest)
