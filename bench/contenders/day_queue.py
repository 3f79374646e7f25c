"""The scrape queue's rules in memory, for a day that is simulated, and what became of the requests."""

from __future__ import annotations

import asyncio
import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from stir.collector.desk import Call, merged
from stir.collector.protocol import Complete, GivenBack, Outcome, Throttled
from stir.scrape_queue.flows import FLOWS
from stir.scrape_queue.queue import Picked, Request
from stir.triggers.plan import LastRequests, identity
from stir.triggers.spec import TriggerSpec

if TYPE_CHECKING:
    pass


@dataclass
class Bound:
    """How often something held work back, and for how much of the day."""

    times: int = 0
    seconds: float = 0.0
    until: datetime | None = None

    def note(self, moment: datetime, until: datetime) -> None:
        """It holds from now until then; overlapping times count once."""
        self.times += 1
        since = max(moment, self.until or moment)
        if until > since:
            self.seconds += (until - since).total_seconds()
            self.until = until


@dataclass
class Answered:
    """What became of a flow's entities."""

    tracked: int
    answered: set[str] = field(default_factory=set)
    waits: list[float] = field(default_factory=list)
    last: float = 0.0
    expired: int = 0


@dataclass
class Day:
    """The result: by flow, and by what bound."""

    flows: dict[str, Answered]
    bounds: dict[str, Bound]
    given_back: Counter[str] = field(default_factory=Counter)


class MemoryQueue:
    """The scrape queue's rules over lists in memory, because PostgreSQL picks by its own clock.

    As there: the highest priority, then the oldest; not before `due`; nothing that has expired.
    """

    def __init__(self, now: Callable[[], datetime], day: Day) -> None:
        self._now, self._day = now, day
        self._ready: dict[str, list[tuple[int, datetime, int]]] = defaultdict(list)
        self._later: list[tuple[datetime, int]] = []
        self.open: dict[int, tuple[Request, datetime]] = {}
        self.asked: dict[str, dict[tuple[str, str], LastRequests]] = defaultdict(dict)
        self._keys: set[str] = set()

    def waiting(self, flow: str) -> int:
        """Requests of a flow that are not closed."""
        return sum(request.flow == flow for request, _ in self.open.values())

    def add(self, requests: Sequence[Request], spec: TriggerSpec) -> None:
        """Add those whose keys are new."""
        for request in requests:
            if request.key in self._keys:
                continue
            self._keys.add(request.key)
            number = len(self._keys)
            self.open[number] = (request, self._now())
            heapq.heappush(self._ready[request.flow], (request.priority, self._now(), number))
            for entity in entities_of(request):
                known = self.asked[request.flow].get(identity(spec, {"entity": entity}))
                failed = known.failed_at if known else None
                self.asked[request.flow][entity, ""] = LastRequests(last_at=self._now(), failed_at=failed)

    def expire(self, flow: str) -> None:
        """Close what nobody picked in time."""
        moment = self._now()
        for number in [n for n, (request, _) in self.open.items() if request.flow == flow]:
            request, created = self.open[number]
            if request.expires_at <= moment:
                del self.open[number]
                for entity in entities_of(request):
                    self._day.flows[flow].expired += 1
                    self.asked[flow][entity, ""] = LastRequests(last_at=None, failed_at=created)

    def take(self, most: int, flows: Collection[str]) -> list[Picked]:
        """Up to so many requests."""
        moment = self._now()
        while self._later and self._later[0][0] <= moment:
            number = heapq.heappop(self._later)[1]
            if number in self.open:
                request, created = self.open[number]
                heapq.heappush(self._ready[request.flow], (request.priority, created, number))
        taken: list[Picked] = []
        while len(taken) < most and (heads := [self._ready[each] for each in flows if self._ready[each]]):
            number = heapq.heappop(min(heads))[2]
            found = self.open.get(number)
            if found is None or found[0].expires_at <= moment:
                continue
            request, created = found
            taken.append(
                Picked(
                    id=number,
                    platform=request.platform,
                    flow=request.flow,
                    params=request.params,
                    priority=request.priority,
                    retry_count=0,
                    created_at=created,
                )
            )
        return taken

    def close(self, picked: Picked, outcome: Outcome) -> None:
        """Close it, or give it back."""
        if isinstance(outcome, GivenBack | Throttled):
            self._day.given_back[picked.flow] += 1
            heapq.heappush(self._later, (outcome.until, picked.id))
            return
        if not isinstance(outcome, Complete):
            raise RuntimeError(f"{picked.flow}: {outcome}")
        request, created = self.open.pop(picked.id)
        found, moment = self._day.flows[picked.flow], self._now()
        found.answered.update(entities_of(request))
        found.waits.append((moment - created).total_seconds())
        found.last = asyncio.get_running_loop().time()


def entities_of(request: Request) -> list[str]:
    """What the request asks for."""
    value = request.params[FLOWS[request.flow].entity]
    return list(value) if isinstance(value, list) else [value]


class MemoryDesk:
    """A worker's side of that queue, as `stir.collector.desk` is of the real one."""

    def __init__(self, queue: MemoryQueue, merges: Mapping[str, int]) -> None:
        self._queue, self._merges = queue, merges

    async def pick(self, calls: int, flows: Collection[str]) -> list[Call]:
        """Requests for so many calls."""
        by_flow: dict[str, list[Picked]] = defaultdict(list)
        for request in self._queue.take(calls, sorted(flows)):
            by_flow[request.flow].append(request)
        return [call for flow, found in by_flow.items() for call in merged(flow, found, self._merges[flow])]

    async def hold(self, requests: Sequence[Picked]) -> set[int]:
        """Nobody else picks here."""
        return {each.id for each in requests}

    async def close(self, request: Picked, outcome: Outcome) -> bool:
        """Close or give back."""
        self._queue.close(request, outcome)
        return True
