"""One worker process: picks requests, lets their flows answer them, and closes each by its outcome."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from stir.collector.desk import Call, Desk
from stir.collector.protocol import (
    Budget,
    Conflict,
    Failed,
    Flow,
    GivenBack,
    Later,
    NoCredential,
    Outcome,
    Sink,
    Throttled,
)
from stir.collector.waiting import CALL, InWork, Waiting
from stir.errors import StirError
from stir.scrape_queue.queue import Picked

LONGEST = 600.0
"""Seconds that a call may take with all its pages."""
FLOOR = 1.0
"""Seconds after which a worker looks at the queue although nobody announced a request."""
DRAIN = 25.0
"""Seconds that calls in work have to end after SIGTERM; what is left goes back to the queue."""
HEARTBEAT = 60.0
_PAUSE = timedelta(seconds=30)
_LONG_PAUSE = timedelta(minutes=15)
_log = logging.getLogger("stir.collector")


@dataclass
class Tally:
    """What a worker has done since it was last asked.

    Attributes:
        outcomes: requests by flow and outcome. reasons: those that could not be answered, by flow and reason.
        seconds, calls: of each flow. lost: requests whose lease others had by then.
        running, held: calls in work, and requests of the worker.
    """

    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    running: int = 0
    held: int = 0

    def drained(self) -> Tally:
        """A copy; the counters begin again at 0, the gauges stay."""
        copy = replace(self)
        self.outcomes, self.reasons, self.seconds, self.calls = Counter(), Counter(), Counter(), Counter()
        self.lost = 0
        return copy


class Worker:
    """Works on the queue until it is stopped, or until nothing is due.

    Args:
        desk: the queue.
        flows: name to flow; requests of other flows are left alone.
        budget: asked by the flows before every call.
        sink: where the flows put records.
        concurrency: calls at once.
        once: end when nothing is due and nothing is in work.
        wake: waits until a request is announced, for at most so many seconds.
        waiting: the calls that wait for limits in the budget. Those of one limit take a quarter of the places, those of
            a scarce one a single place.
        now: the clock of the queue's `due_at`.
    """

    def __init__(
        self,
        desk: Desk,
        flows: Mapping[str, Flow],
        budget: Budget,
        sink: Sink,
        *,
        concurrency: int,
        once: bool = False,
        wake: Callable[[float], Coroutine[Any, Any, None]] = asyncio.sleep,
        longest: float = LONGEST,
        drain: float = DRAIN,
        waiting: Waiting | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._desk, self._flows, self._budget, self._sink = desk, flows, budget, sink
        self._concurrency, self._once, self._wake = concurrency, once, wake
        self._longest, self._drain_seconds = longest, drain
        self._waiting, self._now = waiting or Waiting(), now
        self._stopping = asyncio.Event()
        self._turn = asyncio.Event()
        self._running: dict[asyncio.Task[None], tuple[Call, InWork]] = {}
        self._ahead: deque[Call] = deque()
        self.tally = Tally()

    def stop(self) -> None:
        """Pick nothing more; `run` ends within DRAIN seconds."""
        self._stopping.set()

    async def run(self) -> None:
        """Work until stopped, or until nothing is due where `once` says so."""
        heart = asyncio.create_task(self._beat())
        try:
            while not self._stopping.is_set():
                self._turn.clear()
                await self._unload()
                # Picked ahead, so that a call begins as soon as another ends, and a statement picks many.
                room = 2 * self._concurrency - len(self._running) - len(self._ahead)
                is_due = room >= max(1, self._concurrency // 2)
                calls = await self._pick(room) if is_due else []
                self._ahead.extend(calls)
                self._begin()
                if calls:
                    continue
                if is_due and self._once and not self._running:
                    break
                await self._wait(FLOOR if is_due else None)
            await self._drain()
        finally:
            heart.cancel()

    async def _wait(self, seconds: float | None) -> None:
        """Until there is room for more, a request is announced, or the worker is to stop; for at most so long."""
        waits = [asyncio.create_task(self._turn.wait()), asyncio.create_task(self._stopping.wait())]
        if seconds is not None:
            waits.append(asyncio.create_task(self._wake(seconds)))  # type: ignore[arg-type]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for waiting in waits:
            waiting.cancel()

    def _begin(self) -> None:
        """Begin what was picked ahead, where there is a place for it."""
        while self._ahead and len(self._running) < self._concurrency and not self._stopping.is_set():
            call = self._ahead.popleft()
            state = InWork(call.flow)
            task = asyncio.create_task(self._work(call, state))
            self._running[task] = call, state
            task.add_done_callback(self._end)
        self.tally.running = len(self._running)
        self.tally.held = len(self._held())

    def _end(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        self._begin()
        if len(self._running) + len(self._ahead) <= self._concurrency * 3 // 2:
            self._turn.set()

    def _held(self) -> list[Picked]:
        calls = (*(call for call, _ in self._running.values()), *self._ahead)
        return [request for call in calls for request in call.requests]

    async def _pick(self, calls: int) -> list[Call]:
        """Requests for up to so many calls, of which few need a limit that others wait for already."""
        import psycopg

        picked: list[Call] = []
        others = set(self._flows)
        try:
            for flows, places in self._places(self._ahead).items():
                others -= flows
                if wanted := min(places, calls - len(picked)):
                    picked += await self._desk.pick(wanted, flows)
            if others and len(picked) < calls:
                picked += await self._desk.pick(calls - len(picked), others)
            return picked
        except psycopg.OperationalError as error:
            if self._once:
                raise
            _log.warning("the queue cannot be read: %s", str(error).splitlines()[0])
            await asyncio.sleep(FLOOR)
            return picked

    def _places(self, ahead: Iterable[Call] = ()) -> dict[frozenset[str], int]:
        begun = Counter(state.flow for _, state in self._running.values() if not state.has_asked)
        begun.update(call.flow for call in ahead)
        return self._waiting.places(max(1, self._concurrency // 4), begun)

    async def _unload(self) -> None:
        """Give back what was picked ahead and would only join those that wait for a limit."""
        full = {flow for flows, places in self._places().items() if not places for flow in flows}
        surplus = [call for call in self._ahead if call.flow in full]
        self._ahead = deque(call for call in self._ahead if call.flow not in full)
        await self._give_back(surplus, "others wait for the same limit")

    async def _give_back(self, calls: Iterable[Call], reason: str) -> None:
        back = GivenBack(self._now(), reason)
        await asyncio.gather(*(self._close(call, {each.id: back for each in call.requests}) for call in calls))

    async def _work(self, call: Call, state: InWork) -> None:
        CALL.set(state)
        began = time.monotonic()
        try:
            outcomes = await self._answer(call, state)
        except asyncio.CancelledError:
            await self._give_back([call], "the worker was stopped")
            return
        self.tally.seconds[call.flow] += time.monotonic() - began  # type: ignore[assignment]
        self.tally.calls[call.flow] += 1
        await self._close(call, outcomes)

    async def _answer(self, call: Call, state: InWork) -> Mapping[int, Outcome]:
        """The outcome of each request; whatever goes wrong is an outcome, too."""
        import psycopg

        outcome: Outcome
        try:
            async with asyncio.timeout(self._longest) as state.deadline:
                return await self._flows[call.flow].run(call.tasks(), self._budget, self._sink)
        except TimeoutError:
            outcome = Failed(f"(408) took longer than {self._longest:g} s", retry=True)
        except Later as later:
            outcome = GivenBack(later.until, later.reason)
        except NoCredential as missing:
            outcome = GivenBack(missing.until or self._now() + _LONG_PAUSE, str(missing))
        except psycopg.OperationalError:
            outcome = GivenBack(self._now() + _PAUSE, "PostgreSQL is away")
        except StirError as error:
            outcome = GivenBack(self._now() + _PAUSE, error.line[:300])
        except Exception as error:
            # One bad answer must not end the worker. The text of an unknown error may hold personal data.
            _log.exception("flow %s failed", call.flow)
            outcome = Failed(f"(500) unexpected {type(error).__name__}", retry=True)
        return {each.id: outcome for each in call.requests}

    async def _close(self, call: Call, outcomes: Mapping[int, Outcome]) -> None:
        missing: Outcome = Failed("(500) the flow said nothing of this request", retry=True)
        found = [(each, outcomes.get(each.id, missing)) for each in call.requests]
        for (request, outcome), closed in zip(
            found, await asyncio.gather(*(self._close_one(each, outcome) for each, outcome in found)), strict=True
        ):
            if closed:
                self.tally.outcomes[request.flow, type(outcome).__name__] += 1
                if isinstance(outcome, Failed | Conflict | Throttled | GivenBack):
                    self.tally.reasons[request.flow, outcome.reason] += 1
            else:
                self.tally.lost += 1

    async def _close_one(self, request: Picked, outcome: Outcome) -> bool:
        """Close it, also if PostgreSQL is away for a while: its records are durable, and the lease lives on."""
        import psycopg

        while True:
            try:
                return await self._desk.close(request, outcome)
            except psycopg.OperationalError:
                if self._stopping.is_set():
                    return False
                await asyncio.sleep(FLOOR)

    async def _beat(self) -> None:
        """Keep the leases."""
        while True:
            await asyncio.sleep(HEARTBEAT)
            if held := self._held():
                with contextlib.suppress(Exception):  # the next beat comes long before the lease ends
                    await self._desk.hold(held)

    async def _drain(self) -> None:
        """Give back what has not begun, let calls end, and then give back what is left, at once."""
        ahead, self._ahead = list(self._ahead), deque()
        await self._give_back(ahead, "the worker was stopped")
        if self._running:
            await asyncio.wait(list(self._running), timeout=self._drain_seconds)
        left = list(self._running)
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=3)
