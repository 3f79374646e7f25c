"""What runs inside one worker process: connections, the flows, and the reports to the parent."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection

from stir import clock
from stir.collector import credentials
from stir.collector.desk import Desk
from stir.collector.limit_rules import Limit
from stir.collector.limits import LONGEST_WAIT, PATIENCE, Granted, Now, SharedBudget, Sleep, Source
from stir.collector.protocol import Budget, Flow, Sink
from stir.collector.session import Session
from stir.collector.worker import DRAIN, LONGEST, Worker
from stir.scrape_queue.queue import CHANNEL
from stir.settings import Settings

REPORT_SECONDS = 0.5


@dataclass(frozen=True)
class Tools:
    """What a worker works with. Tests and benchmarks give flows and limits of their own.

    Attributes:
        flows: name to flow.
        open_sink: opens where records go.
        sources: name to the limits of a source.
        overall: limits on every call; those of the settings by default.
        now: moment of the limits; the clock of PostgreSQL by default.
        sleep: waits for limits.
        granted: hears of each charge that was granted.
    """

    flows: Mapping[str, Flow]
    open_sink: Callable[[], AbstractAsyncContextManager[Sink]]
    sources: Mapping[str, Source]
    overall: Sequence[Limit] | None = None
    now: Now = lambda: None
    sleep: Sleep = asyncio.sleep
    granted: Granted | None = None


Recipe = Callable[[Settings], Tools]
"""Makes the tools inside the process that uses them. It is sent to that process by its name."""


@dataclass(frozen=True)
class Orders:
    """How a worker process works.

    Attributes:
        flows: only these flows; None is all that it has tools for.
        concurrency: calls at once.
        once: end when nothing is due.
        drain: seconds that calls have to end after SIGTERM.
        longest: seconds that a call may take.
    """

    flows: tuple[str, ...] | None = None
    concurrency: int = 16
    once: bool = False
    drain: float = DRAIN
    longest: float = LONGEST


class Bell:
    """Rings when a request is added to the queue. Without a connection it is silent, and the worker looks by itself."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._rung = asyncio.Event()

    async def listen(self) -> None:
        """Listen until cancelled."""
        import psycopg

        while True:
            with contextlib.suppress(psycopg.Error):
                await self._listen_once()
            await asyncio.sleep(1)

    async def _listen_once(self) -> None:
        import psycopg

        connection: psycopg.AsyncConnection
        connection = await psycopg.AsyncConnection.connect(
            self._settings.beat_dsn(), autocommit=True, application_name="stir collect listen", connect_timeout=10
        )
        async with connection:
            await connection.execute(b"listen " + CHANNEL.encode())
            async for _ in connection.notifies():
                self._rung.set()

    async def wait(self, seconds: float) -> None:
        """Wait until it rings, for at most so long."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), seconds)
        self._rung.clear()


@asynccontextmanager
async def worker_of(
    settings: Settings, tools: Tools, orders: Orders, budget: Budget | None = None
) -> AsyncIterator[Worker]:
    """A worker with its connections, which are closed at the end."""
    flows = {name: flow for name, flow in tools.flows.items() if orders.flows is None or name in orders.flows}
    queue, limits, bell = Session(settings, "queue"), Session(settings, "limits"), Bell(settings)
    shared = SharedBudget(
        limits,
        credentials.vault(settings),
        sources=tools.sources,
        overall=tools.overall,
        now=tools.now,
        sleep=tools.sleep,
        patience=LONGEST_WAIT if orders.once else PATIENCE,
        granted=tools.granted,
    )
    desk = Desk(queue, {name: flow.merge for name, flow in flows.items()}, lambda: clock.now(settings))
    listening = asyncio.create_task(bell.listen())
    try:
        async with tools.open_sink() as sink:
            yield Worker(
                desk,
                flows,
                budget or shared,
                sink,
                concurrency=orders.concurrency,
                once=orders.once,
                wake=bell.wait,
                longest=orders.longest,
                drain=orders.drain,
                waiting=shared.waiting,
            )
    finally:
        listening.cancel()
        await queue.close()
        await limits.close()


def run_process(recipe: Recipe, settings: Settings, orders: Orders, reports: Connection) -> None:
    """The whole life of a worker process. It reports its tally to the parent, and ends if the parent does.

    An error ends it with a line instead of a tally: the text for users.
    """
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.ERROR)  # it would log addresses

    async def run() -> None:
        async with worker_of(settings, recipe(settings), orders) as worker:
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, worker.stop)
            reporting = asyncio.create_task(_report(worker, reports))
            try:
                await worker.run()
            finally:
                reporting.cancel()
                with contextlib.suppress(OSError):
                    reports.send(worker.tally.drained())

    try:
        asyncio.run(run())
    except Exception as error:
        line = getattr(error, "line", None) or f"{type(error).__name__}: {str(error).splitlines()[0][:300]}"
        with contextlib.suppress(OSError):
            reports.send(line)
        raise SystemExit(1) from None


async def _report(worker: Worker, reports: Connection) -> None:
    while True:
        await asyncio.sleep(REPORT_SECONDS)
        try:
            reports.send(worker.tally.drained())
        except OSError:  # the parent is gone
            worker.stop()
            return
