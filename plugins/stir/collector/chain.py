"""A flow: its sources in order.

A limit, an outage or a bad credential lead to the next source; an answer ends the chain.
"Not found" is an answer where an authority says it. A source that only hints, such as a feed, passes instead.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from stir.collector.calls import AWAY, Calls, Clock, Sleep
from stir.collector.drift import Drift
from stir.collector.faults import AnsweredError, Fault, Kind, UnavailableError
from stir.collector.http import Http
from stir.collector.protocol import (
    Budget,
    Complete,
    Conflict,
    Empty,
    Failed,
    GivenBack,
    NotFound,
    Outcome,
    Sink,
    Task,
    Throttled,
)
from stir.collector.records import Found, Reading
from stir.collector.stored import Stored
from stir.errors import StirError
from stir.ingest.quarantine import Item


@dataclass(frozen=True)
class Pass:
    """The source has nothing to say of the entity; the next one is asked. `reason` is reported if none is left."""

    reason: str


SetAside = Callable[[Sequence[Item]], Awaitable[None]]
"""Puts what cannot be used into quarantine."""

Result = Found | Empty | NotFound | Conflict | Failed | Pass | UnavailableError
"""What a source says of one request. A source that asks several times may be unavailable for some of them only."""


@dataclass(frozen=True)
class Asking:
    """What a source needs to answer: how to call, what is stored, and the moment of the reading."""

    calls: Calls
    stored: Stored
    drift: Drift
    moment: datetime
    arrival: datetime | None
    set_aside: SetAside

    def reading(self, task: Task) -> Reading:
        """The reading for a request."""
        return Reading(self.moment, task.request_id, self.arrival)

    def note_drift(self, source: str, paths: frozenset[str]) -> None:
        """Report fields that no parser knows, once a day."""
        self.drift.note(self.moment.date(), source, paths)


class Step(Protocol):
    """One source's way to answer a flow."""

    @property
    def source(self) -> str:
        """Name of the source, as the budget knows it."""
        ...

    async def answer(self, tasks: Sequence[Task], asking: Asking) -> Mapping[int, Result]:
        """What the source says of each request.

        Raises:
            UnavailableError, AnsweredError: of a call.
            StirError: what is stored cannot be read.
        """
        ...


@dataclass(frozen=True)
class Surroundings:
    """What all flows share.

    Attributes:
        clock: the present; of the world, if a world is collected from.
        is_past: whether the clock stands in the past, so that records must name their arrival themselves.
    """

    http: Http
    stored: Stored
    clock: Clock
    set_aside: SetAside
    is_past: bool = False
    sleep: Sleep = asyncio.sleep
    drift: Drift = field(default_factory=Drift)


@dataclass(frozen=True)
class ChainedFlow:
    """A flow of the queue over its sources.

    Attributes:
        merge: entities that fit into one call.
    """

    name: str
    steps: tuple[Step, ...]
    around: Surroundings
    merge: int = 1

    async def run(self, tasks: Sequence[Task], budget: Budget, sink: Sink) -> Mapping[int, Outcome]:
        """Answer the requests; the outcome of each by its id."""
        outcomes: dict[int, Outcome] = {}
        for group in _groups(tasks, self.merge):
            outcomes |= await self._answer(group, budget, sink)
        return outcomes

    async def _answer(self, tasks: Sequence[Task], budget: Budget, sink: Sink) -> dict[int, Outcome]:
        moment = self.around.clock().replace(microsecond=0)
        calls = Calls(
            self.around.http, budget, min(task.priority for task in tasks), self.around.clock, self.around.sleep
        )
        arrival = moment if self.around.is_past else None
        asking = Asking(calls, self.around.stored, self.around.drift, moment, arrival, self.around.set_aside)
        waiting = {task.request_id: task for task in tasks}
        said: list[UnavailableError | Pass] = []
        outcomes: dict[int, Outcome] = {}
        for step in self.steps:
            calls = replace(asking.calls, stays=step is self.steps[-1])
            results, problem = await self._ask(step, list(waiting.values()), replace(asking, calls=calls))
            if isinstance(problem, StirError):
                return outcomes | dict.fromkeys(waiting, GivenBack(moment + AWAY, problem.line))
            if problem:
                said.append(problem)
            for request, result in results.items():
                if isinstance(result, Pass | UnavailableError):
                    said.append(result)
                else:
                    outcomes[request] = await _close(result, moment, sink)
                    waiting.pop(request, None)
            if not waiting:
                return outcomes
        return outcomes | dict.fromkeys(waiting, _unanswered(said, moment))

    async def _ask(
        self, step: Step, tasks: Sequence[Task], asking: Asking
    ) -> tuple[Mapping[int, Result], UnavailableError | StirError | None]:
        try:
            return await step.answer(tasks, asking), None
        except AnsweredError as error:
            return {task.request_id: outcome_of(error.fault) for task in tasks}, None
        except (UnavailableError, StirError) as error:
            return {}, error


def outcome_of(fault: Fault) -> Result:
    """The outcome that a source's answer means where the flow has none of its own."""
    match fault.kind:
        case Kind.GONE:
            return NotFound(fault.reason)
        case Kind.NOTHING:
            return Empty(fault.reason)
        case Kind.STRANGER:
            return Pass(fault.reason)
    return Failed(fault.reason)


async def _close(result: Found | Outcome, moment: datetime, sink: Sink) -> Outcome:
    """Write what was found; the request is answered once that is durable."""
    if not isinstance(result, Found):
        return result
    streams: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for record in result.records:
        streams[record.stream].append(record.body)
    try:
        for stream, records in streams.items():
            await sink.publish(stream, records)
    except StirError as error:
        return GivenBack(moment + timedelta(minutes=1), error.line)
    if result.failure:
        return Failed(result.failure)
    return Complete(len(result.records), result.source, result.complete, tuple(result.notes))


def _unanswered(said: Sequence[UnavailableError | Pass], moment: datetime) -> Outcome:
    away = [each for each in said if isinstance(each, UnavailableError)]
    reasons = "; ".join(
        dict.fromkeys(str(each) if isinstance(each, UnavailableError) else each.reason for each in said)
    )
    if not away:
        # Nobody knows the entity, and nobody with authority said that it does not exist.
        return Failed(reasons or "no source answers this flow")
    until = min(each.until for each in away)
    return Throttled(until, reasons) if all(each.is_limit for each in away) else GivenBack(until, reasons)


def _groups(tasks: Sequence[Task], most: int) -> Iterator[list[Task]]:
    """Requests in groups whose entities fit into one call; a request is never divided here."""
    group: list[Task] = []
    for task in tasks:
        if group and sum(len(each.entities) for each in group) + len(task.entities) > most:
            yield group
            group = []
        group.append(task)
    if group:
        yield group


def merged(*groups: Sequence[str]) -> list[str]:
    """The values of all groups, each once, in order."""
    return list(dict.fromkeys(value for group in groups for value in group))
