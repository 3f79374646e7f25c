"""The collector as a service: worker processes that are started again, health, metrics, and a drain at the end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import multiprocessing
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any

from stir import clock, connections
from stir.collector import credentials
from stir.collector.credentials import Entry
from stir.collector.intake import take_credentials
from stir.collector.limits import documented
from stir.collector.metrics import CollectMetrics
from stir.collector.process import Orders, Recipe, run_process
from stir.collector.quota import Used, ledger
from stir.collector.worker import Tally
from stir.database import BEAT, apply
from stir.errors import StirError
from stir.scrape_queue import queue
from stir.settings import Settings

_LOOK_SECONDS = 5.0
_SPAWN = multiprocessing.get_context("spawn")
_WAITING = (
    "select flow, count(*) from scrape_request_log where status = 'PENDING' and expires_at > %s"
    " and (due_at is null or due_at <= clock_timestamp()) group by flow"
)
_RATE_SECONDS = 10.0
_REASONS = 200
"""A reason may name an entity, so there is no end to them."""
MOST_SKEW = 300.0
"""Seconds between this machine's clock and PostgreSQL's: records say the one, their arrival and limits the other."""


@dataclass
class Picture:
    """What the service shows of itself: in a terminal, and to those who ask for its health.

    Attributes:
        outcomes: requests by flow and outcome since the start.
        reasons: why requests could not be answered, by flow; the most frequent ones.
        waiting: requests by flow that may be picked now.
        faults: what is missing for work, by name.
    """

    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    waiting: Counter[str] = field(default_factory=Counter)
    quota: list[Used] = field(default_factory=list)
    credentials: list[Entry] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=lambda: {"start": "nothing has been looked at yet"})
    running: int = 0
    held: int = 0
    processes: int = 0
    ends: deque[tuple[float, int]] = field(default_factory=deque)

    @property
    def rate(self) -> float:
        """Requests a second that were closed in the last ten seconds."""
        horizon = time.monotonic() - _RATE_SECONDS
        while self.ends and self.ends[0][0] < horizon:
            self.ends.popleft()
        return sum(count for _, count in self.ends) / _RATE_SECONDS


@dataclass
class _Child:
    process: SpawnProcess
    reports: Connection
    tally: Tally = field(default_factory=Tally)


class Service:
    """Runs worker processes until stopped, or until the queue holds nothing that is due.

    Args:
        recipe: makes a worker's tools, inside its process.
        count: worker processes.
    """

    def __init__(
        self,
        settings: Settings,
        recipe: Recipe,
        orders: Orders,
        count: int,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings, self._recipe, self._orders, self._count = settings, recipe, orders, count
        self._children: list[_Child] = []
        self._now = now
        self._stopping = asyncio.Event()
        self.metrics = CollectMetrics()
        self.picture = Picture()
        self._failure = ""

    def stop(self) -> None:
        """Drain the workers; `run` ends within half a minute."""
        self._stopping.set()

    @property
    def is_stopped(self) -> bool:
        """Whether somebody has stopped it: it may have left requests that are due."""
        return self._stopping.is_set()

    async def run(self) -> Picture:
        """Work; returns what was done.

        Raises:
            StirError: a worker could not begin or, where it works once, could not go on; or the clock is wrong.
        """
        import psycopg

        with contextlib.suppress(psycopg.OperationalError):  # workers wait for PostgreSQL
            await asyncio.to_thread(self._check_clock)
            await asyncio.to_thread(self._wake)
        others = [asyncio.create_task(self._look_again())]
        if not self._orders.once:
            others.append(asyncio.create_task(take_credentials(self._settings)))
        try:
            for _ in range(self._count):
                self._start()
            while not self._stopping.is_set() and self._children:
                await self._tend()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), 0.1)
            await self._drain()
        finally:
            for child in self._children:
                child.process.kill()
            for task in others:
                task.cancel()
        if self._failure:
            raise StirError(self._failure)
        with contextlib.suppress(Exception):
            await asyncio.to_thread(self._look)
        return self.picture

    def _start(self) -> None:
        ours, theirs = _SPAWN.Pipe(duplex=False)
        process = _SPAWN.Process(
            target=run_process, args=(self._recipe, self._settings, self._orders, theirs), daemon=True
        )
        process.start()
        theirs.close()
        self._children.append(_Child(process, ours))

    async def _tend(self) -> None:
        """Read the reports, and start again what ended although it should not."""
        for child in list(self._children):
            self._read(child)
            if child.process.is_alive():
                continue
            self._read(child)
            self._children.remove(child)
            if self._orders.once or self._failure:
                continue
            self.metrics.restarts.inc()
            await asyncio.sleep(1)
            self._start()
        self.picture.processes = len(self._children)
        self.picture.running = sum(child.tally.running for child in self._children)
        self.picture.held = sum(child.tally.held for child in self._children)
        self.metrics.processes.set(self.picture.processes)
        self.metrics.running.set(self.picture.running)
        self.metrics.held.set(self.picture.held)

    def _read(self, child: _Child) -> None:
        with contextlib.suppress(EOFError, OSError):
            while child.reports.poll():
                said = child.reports.recv()
                if isinstance(said, str):
                    self._failure = said
                    continue
                child.tally = said
                self.metrics.add(said)
                self.picture.outcomes.update(said.outcomes)
                self.picture.reasons.update(said.reasons)
                if len(self.picture.reasons) > _REASONS:
                    self.picture.reasons = Counter(dict(self.picture.reasons.most_common(_REASONS // 2)))
                if closed := said.outcomes.total():
                    self.picture.ends.append((time.monotonic(), closed))

    async def _drain(self) -> None:
        for child in self._children:
            child.process.terminate()
        deadline = time.monotonic() + self._orders.drain + 5
        while any(child.process.is_alive() for child in self._children) and time.monotonic() < deadline:
            for child in self._children:
                self._read(child)
            await asyncio.sleep(0.05)
        for child in self._children:
            self._read(child)

    async def _look_again(self) -> None:
        while True:
            try:
                await asyncio.to_thread(self._check_clock)
                await asyncio.to_thread(self._look)
            except StirError as error:
                self._failure = error.line
                self.stop()
            except Exception as error:  # whatever a driver raises means: not ready
                self.picture.faults = {"PostgreSQL": type(error).__name__}
            else:
                self.picture.faults = await self._faults()
            await asyncio.sleep(_LOOK_SECONDS)

    def _check_clock(self) -> None:
        if self._settings.as_of:
            return
        with connections.beat(self._settings, autocommit=True, connect_timeout=5) as connection:
            (there,) = connection.execute("select clock_timestamp()").fetchone() or (self._now(),)
        off = (self._now() - there).total_seconds()
        if abs(off) > MOST_SKEW:
            raise StirError(
                f"the clock of this machine is {abs(off):,.0f} s {'ahead of' if off > 0 else 'behind'} PostgreSQL's, so"
                " readings would have wrong times",
                do="set it, then start the collector again; the requests wait",
            )

    def _wake(self) -> None:
        """Let requests ask again that wait for limits: a setting may have changed them since."""
        with connections.beat(self._settings, autocommit=True, connect_timeout=5) as connection:
            apply(connection, BEAT)
            queue.wake(connection)

    def _look(self) -> None:
        moment = datetime.now(UTC)
        with connections.beat(self._settings, autocommit=True, connect_timeout=5) as connection:
            rows = connection.execute(_WAITING, [clock.now(self._settings)]).fetchall()
            self.picture.waiting = Counter(dict(rows))
            self.picture.quota = ledger(connection, documented(), moment=moment)
            self.picture.credentials = credentials.entries(connection)
        self.metrics.show_quota(self.picture.quota)
        self.metrics.waiting.clear()
        for flow, count in self.picture.waiting.items():
            self.metrics.waiting.labels(flow).set(count)
        self.metrics.credentials.clear()
        states = Counter((entry.source, entry.state(moment)) for entry in self.picture.credentials)
        for (source, state), count in states.items():
            self.metrics.credentials.labels(source, state).set(count)

    async def _faults(self) -> dict[str, str]:
        faults: dict[str, str] = {}
        moment = datetime.now(UTC)
        if not any(entry.state(moment) in ("ready", "slowed") for entry in self.picture.credentials):
            faults["credentials"] = "no credential can be used"
        if not self._children:
            faults["workers"] = "no worker runs"
        try:
            endpoint = self._settings.broker
            _, writer = await asyncio.wait_for(asyncio.open_connection(endpoint.host, endpoint.port), 5)
            writer.close()
        except (OSError, TimeoutError, StirError):
            faults["broker"] = "it does not answer"
        return faults

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answer /healthz, /readyz and /metrics, as ASGI says."""
        if scope["type"] != "http":
            return
        kind, status = "application/json", 200
        if scope["path"] == "/metrics":
            body, kind = self.metrics.page()
        elif scope["path"] == "/healthz":
            body = b'{"alive": true}'
        elif scope["path"] == "/readyz":
            faults = self.picture.faults
            status = 503 if faults else 200
            body = json.dumps({"ready": not faults, "faults": faults}).encode()
        else:
            status, body = 404, b'{"title": "there is no such page"}'
        headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
