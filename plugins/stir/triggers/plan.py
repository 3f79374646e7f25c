"""Turns candidates into requests. It uses no server, so every rule can be tested alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from stir.scrape_queue.flows import FLOWS, Flow
from stir.scrape_queue.queue import Request
from stir.triggers.spec import TriggerSpec, Window

Identity = tuple[str, str]
"""An entity and the value of the window's `per` parameter (empty without one)."""


@dataclass(frozen=True, kw_only=True)
class LastRequests:
    """The earlier requests of an identity.

    Attributes:
        last_at: newest request that did not fail; None if all failed.
        failed_at: newest request that failed; None if none did.
    """

    last_at: datetime | None
    failed_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Quarantine:
    """Why an entity is skipped or requested separately.

    Attributes:
        until: end of the quarantine; None if there is none.
        alone: its last crawl failed, so it shares no request with other entities.
    """

    until: datetime | None
    isolated: bool


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """The room left: requests until the flow's depth is reached, and tokens until the day's budget is spent.

    `tokens` is None for flows that cost none.
    """

    requests: int
    tokens: int | None = None


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Counts of entities by what was decided about them."""

    candidates: int
    quarantined: int
    asked: int
    over_budget: int
    capped: int

    def counts(self) -> dict[str, int]:
        """These counts, by name."""
        return {field.name: getattr(self, field.name) for field in fields(Counts)}


@dataclass(frozen=True, kw_only=True)
class Plan(Counts):
    """The requests, and what became of the candidates."""

    requests: tuple[Request, ...]


def plan(
    spec: TriggerSpec,
    candidates: Iterable[Mapping[str, Any]],
    *,
    asked: Mapping[Identity, LastRequests],
    quarantines: Mapping[str, Quarantine],
    capacity: Capacity,
    moment: datetime,
) -> Plan:
    """Select candidates in order up to the spec's limit, without those in quarantine or requested in their window.

    Candidates beyond the budget or the depth are counted and skipped. They are due again in the next run.
    """
    flow, due, read, quarantined, repeated = FLOWS[spec.flow], [], 0, 0, 0
    for row in candidates:
        read += 1
        quarantine = quarantines.get(row["entity"])
        if quarantine and quarantine.until and quarantine.until > moment:
            quarantined += 1
        elif is_requested(spec, row, asked, moment):
            repeated += 1
        else:
            due.append(row)
            if len(due) == spec.limit:
                break
    affordable = due
    if capacity.tokens is not None:
        affordable = due[: max(capacity.tokens, 0) // int(spec.constants["max_tokens"])]
    isolated = {entity for entity, quarantine in quarantines.items() if quarantine.isolated}
    requests = [request_for(spec, flow, rows, asked, moment) for rows in share(affordable, flow.batch, isolated)]
    taken = requests[: max(capacity.requests, 0)]
    fitting = sum(entities_of(request, flow) for request in taken)
    return Plan(
        requests=tuple(taken),
        candidates=read,
        quarantined=quarantined,
        asked=repeated,
        over_budget=len(due) - len(affordable),
        capped=len(affordable) - fitting,
    )


def is_requested(
    spec: TriggerSpec, row: Mapping[str, Any], asked: Mapping[Identity, LastRequests], moment: datetime
) -> bool:
    """Whether the candidate was requested within its window."""
    known = asked.get(identity(spec, row))
    if known is None:
        return False
    every = length(spec.window, row)
    if known.last_at and (every is None or known.last_at > moment - every):
        return True
    if known.failed_at is None:
        return False
    patience = [time for time in (every, spec.window.retry_after) if time is not None]
    return not patience or known.failed_at > moment - min(patience)


def identity(spec: TriggerSpec, row: Mapping[str, Any]) -> Identity:
    """The identity that the guard compares."""
    per = spec.window.per
    return row["entity"], str(row[per] if per in row else spec.constants[per]) if per else ""


def length(window: Window, row: Mapping[str, Any]) -> timedelta | None:
    """The length of the candidate's window; None if it has no end."""
    return timedelta(seconds=int(row[window.cool_down])) if window.cool_down else window.every


def key_for(
    spec: TriggerSpec,
    row: Mapping[str, Any],
    asked: Mapping[Identity, LastRequests],
    moment: datetime,
    entity: str = "",
) -> str:
    """`flow:entity:window`.

    Two requests that are a window apart never share a key. Two within one do, unless the second repeats a failed one.
    """
    parts, every = [], length(spec.window, row)
    _, per = identity(spec, row)
    if per:
        parts.append(escape(per))
    if every:
        parts.append(window_start(moment, every).strftime("%Y%m%dT%H%M%SZ"))
    known = asked.get(identity(spec, row))
    if spec.window.retry_after and known and known.failed_at:
        parts.append(known.failed_at.astimezone(UTC).strftime("after%Y%m%dT%H%M%SZ"))
    return ":".join((spec.flow, escape(entity or row["entity"]), "-".join(parts) or "once"))


def window_start(moment: datetime, every: timedelta) -> datetime:
    """The beginning of the window that the moment lies in, counted from 1970."""
    seconds = int(moment.timestamp())
    return datetime.fromtimestamp(seconds - seconds % int(every.total_seconds()), UTC)


def escape(entity: str) -> str:
    """The entity without the colon that separates a key's parts."""
    return entity.replace("%", "%25").replace(":", "%3A")


def share(rows: Iterable[Mapping[str, Any]], size: int, isolated: set[str]) -> Iterator[tuple[Mapping[str, Any], ...]]:
    """The rows in batches of one priority, in order. An entity that must stay alone has its own batch."""
    if size == 1:
        yield from ((row,) for row in rows)
        return
    together: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows:
        together.setdefault(int(row["priority"]), []).append(row)
    for same in together.values():
        others = tuple(row for row in same if row["entity"] not in isolated)
        yield from (others[first : first + size] for first in range(0, len(others), size))
        yield from ((row,) for row in same if row["entity"] in isolated)


def request_for(
    spec: TriggerSpec,
    flow: Flow,
    rows: tuple[Mapping[str, Any], ...],
    asked: Mapping[Identity, LastRequests],
    moment: datetime,
) -> Request:
    """The request for one candidate, or for a batch of them."""
    first, entities = rows[0], [row["entity"] for row in rows]
    params: dict[str, Any] = {flow.entity: entities if flow.batch > 1 else entities[0]}
    for path in spec.params:
        *outer, name = path.split(".")
        inner = params
        for part in outer:
            inner = inner.setdefault(part, {})
        inner[name] = first[name]
    digest = ""
    if len(entities) > 1:
        digest = hashlib.sha256("\n".join(sorted(entities)).encode()).hexdigest()[:32]
    return Request(
        key=key_for(spec, first, asked, moment, digest),
        platform=flow.platform,
        flow=spec.flow,
        params={**params, **spec.constants},
        priority=spec.priority + int(first["priority"]),
        expires_at=moment + flow.lifetime,
        account_id=entities[0] if len(entities) == 1 else None,
    )


def entities_of(request: Request, flow: Flow) -> int:
    """The number of entities in a request."""
    return len(request.params[flow.entity]) if flow.batch > 1 else 1
