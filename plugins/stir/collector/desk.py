"""A worker's side of the queue: picks requests that fit together, keeps their leases, and closes each by itself."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from stir.collector.protocol import (
    Complete,
    Conflict,
    Empty,
    Failed,
    GivenBack,
    NotFound,
    Outcome,
    Task,
    Throttled,
)
from stir.collector.session import Gathering, Session
from stir.scrape_queue import queue
from stir.scrape_queue.flows import FLOWS
from stir.scrape_queue.queue import Picked

if TYPE_CHECKING:
    import psycopg

RETRY_AFTER = timedelta(seconds=30)
"""The pause before the second try of a request; it doubles with each further one."""
_CODES = {Empty: "(204)", NotFound: "(404)", Conflict: "(409)"}
_MOST = 256


@dataclass(frozen=True)
class Call:
    """Requests of one flow that fit into one call."""

    flow: str
    requests: tuple[Picked, ...]

    def tasks(self) -> list[Task]:
        """The requests as a flow reads them."""
        return [
            Task(
                request_id=each.id,
                flow=each.flow,
                platform=each.platform,
                entities=entities(each),
                params=each.params,
                priority=each.priority,
            )
            for each in self.requests
        ]


def entities(request: Picked) -> tuple[str, ...]:
    """What the request asks for: the values of its flow's parameter."""
    value = request.params.get(FLOWS[request.flow].entity, ())
    found = value if isinstance(value, list | tuple) else (value,)
    return tuple(str(each) for each in found)


class Desk:
    """The queue as one worker process uses it.

    Args:
        session: the connection that it uses.
        merges: flow to the entities that fit into one of its calls.
        now: the moment of the queue, which stands still in a world of the past.
    """

    def __init__(self, session: Session, merges: Mapping[str, int], now: Callable[[], datetime]) -> None:
        self._session, self._merges, self._now = session, merges, now
        self._closings: Gathering[tuple[Picked, Outcome], bool] = Gathering(self._close_all, _MOST)

    async def pick(self, calls: int, flows: Collection[str]) -> list[Call]:
        """The most urgent requests of these flows for up to `calls` calls, or a few more; a call takes further requests
        of its flow where there is room.
        """
        return await self._session.run(lambda connection: self._pick(connection, calls, sorted(flows)))

    def _pick(self, connection: psycopg.Connection, calls: int, flows: Sequence[str]) -> list[Call]:
        moment = self._now()
        picked = queue.pick(connection, calls, moment=moment, flows=flows)
        by_flow: dict[str, list[Picked]] = defaultdict(list)
        for request in picked:
            by_flow[request.flow].append(request)
        for flow, requests in by_flow.items():
            largest = max(len(entities(each)) for each in requests) or 1
            room = (self._merges[flow] - len(entities(requests[-1]))) // largest if self._merges[flow] > 1 else 0
            room -= len(requests) - 1
            if room > 0:
                requests += queue.pick(connection, room, moment=moment, flows=[flow])
        return [call for flow, requests in by_flow.items() for call in merged(flow, requests, self._merges[flow])]

    async def hold(self, requests: Sequence[Picked]) -> set[int]:
        """Say that the worker still works on them; the ids of those that it still holds."""
        return await self._session.run(lambda connection: queue.hold(connection, requests, moment=self._now()))

    async def close(self, request: Picked, outcome: Outcome) -> bool:
        """Close a request by its outcome, or give it back. Returns whether it was still this worker's."""
        return await self._closings.ask((request, outcome))

    async def _close_all(self, items: Sequence[tuple[Picked, Outcome]]) -> Sequence[bool]:
        def close(connection: psycopg.Connection) -> list[bool]:
            with connection.transaction():
                return self._close(connection, items)

        return await self._session.run(close)

    def _close(self, connection: psycopg.Connection, items: Sequence[tuple[Picked, Outcome]]) -> list[bool]:
        moment = self._now()
        lost: set[int] = set()
        complete: dict[str, list[Picked]] = defaultdict(list)
        returned: dict[tuple[datetime, str], list[Picked]] = defaultdict(list)
        for request, outcome in items:
            match outcome:
                case Complete():
                    complete[_data(outcome)].append(request)
                case GivenBack(until, reason):
                    returned[until, reason].append(request)
                case Throttled(until, reason):
                    returned[until, f"(429) {reason}"].append(request)
                case Failed(reason, retry):
                    until = datetime.now(UTC) + RETRY_AFTER * 2**request.retry_count
                    error = reason if reason.startswith("(") else f"(500) {reason}"
                    if not queue.fail(connection, request, error, moment=moment, retry=retry, until=until):
                        lost.add(request.id)
                case Empty(reason) | NotFound(reason) | Conflict(reason):
                    error = f"{_CODES[type(outcome)]} {reason}"
                    if not queue.fail(connection, request, error, moment=moment, retry=False):
                        lost.add(request.id)
        for data, requests in complete.items():
            if queue.complete(connection, requests, moment=moment, data=data) < len(requests):
                lost |= {each.id for each in requests} - _answered(connection, requests)
        for (until, reason), requests in returned.items():
            queue.give_back(connection, requests, until=until, reason=reason)
        return [request.id not in lost for request, _ in items]


def merged(flow: str, requests: Sequence[Picked], most: int) -> list[Call]:
    """The requests as calls of at most `most` entities; a request of more is a call by itself."""
    calls: list[Call] = []
    together: list[Picked] = []
    size = 0
    for request in requests:
        count = len(entities(request))
        if together and size + count > most:
            calls.append(Call(flow, tuple(together)))
            together, size = [], 0
        together.append(request)
        size += count
    if together:
        calls.append(Call(flow, tuple(together)))
    return calls


def _data(outcome: Complete) -> str:
    record = {"ok": True, "records": outcome.records, "source": outcome.source}
    if not outcome.complete:
        record["complete"] = False
    if outcome.notes:
        record["notes"] = list(outcome.notes)
    return json.dumps(record)


def _answered(connection: psycopg.Connection, requests: Sequence[Picked]) -> set[int]:
    rows = connection.execute(
        "select id from scrape_request_log as request"
        " join unnest(%s::bigint[], %s::smallint[]) as held (number, tries) on id = number and retry_count = tries"
        " where status = 'COMPLETE'",
        [[each.id for each in requests], [each.retry_count for each in requests]],
    ).fetchall()
    return {number for (number,) in rows}
