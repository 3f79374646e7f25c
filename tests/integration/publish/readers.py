"""Eight readers of the kinds that applications are, who look all the time and believe nothing; under `stir chaos`
stir's own application is the ninth.

Each checks that the table is there, holds exactly one whole version, never an older one than it or anybody saw
published before, and that a transaction which reads twice reads the same.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Self

import psycopg
from fastapi.testclient import TestClient

from stir import connections
from stir.app.service import create_app
from stir.connections import Target
from stir.settings import Settings

from .marts import rows_of

CHAOS = bool(os.environ.get("CHAOS_MINUTES"))
PAUSE = 0.01 if CHAOS else 0.03
"""Seconds from one look of a reader to the next. Eight that look every hundredth take a whole core, for as long as the
tests of publishing last; that much is for `stir chaos`."""
QUERY = "select count(*), min(uploads), max(uploads), count(distinct platform_id), sum(followers) from {table}"

FLEETS: list[Fleet] = []
"""Every fleet of the session, for the report of the fault suite."""


@dataclass
class Fleet:
    """Readers of one table, from `with` to its end.

    Attributes:
        ordered: no reader may see an older version than before; off where roll-backs go on.
        twice: a transaction that reads twice must read the same.
        months: that the rows lie in, of which one changes with a version; see Mart.
        floor: version that is known to be published; set it after each publish.
        forgiving: the server itself goes down in this test, so a lost connection is taken up again and counted.
        complaints: everything that a reader should not have seen.
    """

    settings: Settings
    table: str = "leaderboard"
    target: Target = "prod"
    ordered: bool = True
    twice: bool = True
    floor: int = 0
    months: int = 1
    reads: int = 0
    complaints: list[str] = field(default_factory=list)
    forgiving: bool = False
    reconnects: int = 0

    def __post_init__(self) -> None:
        FLEETS.append(self)
        self._stop = threading.Event()
        self._lock = threading.Lock()
        kinds: list[Callable[[], None]] = [
            self._plain,
            self._pooled,
            self._repeatable,
            self._repeatable,
            self._prepared,
            self._prepared,
            self._new_connection,
            self._by_key,
        ]
        if (self.table, self.target) == ("leaderboard", "prod") and CHAOS:
            kinds.append(self._application)
        self._threads = [threading.Thread(target=self._guarded, args=[kind], daemon=True) for kind in kinds]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def check(self, *, at_least: int = 8) -> None:
        """Fail if any reader saw anything wrong, or if they hardly read."""
        assert not self.complaints, self.complaints[:5]
        assert self.reads >= at_least, f"only {self.reads} reads: the readers prove nothing"

    def wait_for_reads(self, more: int = 40) -> None:
        """Let the readers look around for a while."""
        until = self.reads + more
        deadline = time.monotonic() + 120
        while self.reads < until and time.monotonic() < deadline:
            time.sleep(0.01)

    def _guarded(self, kind: Callable[[], None]) -> None:
        while not self._stop.is_set():
            try:
                kind()
            except psycopg.OperationalError as error:
                if not self.forgiving:
                    self.complaints.append(f"{kind.__name__}: {type(error).__name__}: {error}")
                    return
                self.reconnects += 1
                self._stop.wait(0.05)
            except Exception as error:
                self.complaints.append(f"{kind.__name__}: {type(error).__name__}: {error}")
                return

    def _connect(self, **options: object) -> psycopg.Connection:
        role: Literal["reader", "writer"] = "reader" if self.target == "prod" else "writer"
        return connections.postgres(self.settings, role=role, target=self.target, autocommit=True, **options)

    def _plain(self) -> None:
        with self._connect(prepare_threshold=None) as connection:
            last = 0
            while not self._stop.wait(PAUSE):
                last = self._look(connection, last)

    def _pooled(self) -> None:
        """Connections that go from one user to the next, with whatever statements were prepared on them."""
        with self._connect() as one, self._connect() as two:
            last = 0
            while not self._stop.wait(PAUSE):
                one, two = two, one
                last = self._look(one, last)

    def _prepared(self) -> None:
        with self._connect(prepare_threshold=0) as connection:
            last = 0
            while not self._stop.wait(PAUSE):
                last = self._look(connection, last)

    def _repeatable(self) -> None:
        with self._connect() as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            last = 0
            while not self._stop.wait(PAUSE):
                with connection.transaction():
                    connection.execute("select 1")  # the snapshot is taken here, before the table is touched
                    self._stop.wait(0.004)
                    first = self._look(connection, last)
                    self._stop.wait(0.004)
                    second = self._look(connection, first)
                    if first != second and self.twice:
                        self.complaints.append(f"one transaction read version {first}, then {second}")
                    last = second

    def _new_connection(self) -> None:
        last = 0
        while not self._stop.wait(PAUSE):
            with self._connect() as connection:
                last = self._look(connection, last)

    def _by_key(self) -> None:
        query = f"select uploads from {self.table} where platform_id = %s"
        with self._connect(prepare_threshold=0) as connection:
            connection.execute("set enable_seqscan = off")
            while not self._stop.wait(PAUSE):
                found = connection.execute(query, [f"id{self.reads % 1000}"]).fetchall()
                if len(found) != 1:
                    self.complaints.append(f"a key that exists was found {len(found)} times")
                with self._lock:
                    self.reads += 1

    def _application(self) -> None:
        """stir's own application, which names the generation of what it shows."""
        last = 0
        with TestClient(create_app(self.settings, per_minute=10**9), raise_server_exceptions=False) as site:
            while not self._stop.wait(0.05):
                answer = site.get("/api/v1/leaderboards/INSTAGRAM?limit=20")
                if answer.status_code == 503 and self.forgiving:
                    self.reconnects += 1
                    continue
                if answer.status_code != 200:
                    self.complaints.append(f"the application answers {answer.status_code}: {answer.text[:300]}")
                    continue
                body = answer.json()
                versions = {row["uploads"] for row in body["data"]}
                generation = body["generations"]["leaderboard"]["generation"]
                if len(versions) != 1 or generation < last:
                    self.complaints.append(f"the application shows versions {versions} as {generation} after {last}")
                last = max(last, generation)
                with self._lock:
                    self.reads += 1

    def _look(self, connection: psycopg.Connection, last: int) -> int:
        floor = self.floor
        row = connection.execute(QUERY.format(table=self.table)).fetchone()
        assert row is not None
        rows, lowest, highest, ids, followers = row
        whole = rows == ids and rows == rows_of(highest or 0) and highest - lowest == self.months - 1
        if not whole or followers != 3 * rows * (rows - 1) // 2:
            self.complaints.append(f"not one whole version: {row}")
            return last
        if self.ordered and highest < max(floor, last):
            self.complaints.append(f"version {highest} after {max(floor, last)}")
        with self._lock:
            self.reads += 1
        return int(highest)
