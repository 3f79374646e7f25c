"""What the parts of the collector say to each other: requests, outcomes, charges, credentials, and who takes them.

A worker picks requests and hands them to the flow they name. The flow asks the budget before every call, calls, parses,
gives the records to the sink, and says what became of each request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, kw_only=True)
class Task:
    """One request of the scrape queue, as it was picked.

    Attributes:
        request_id: id of the request; part of the ids of the events that answer it.
        entities: what is crawled: one handle, channel, shortcode, ...; several in the flows that batch.
        params: all parameters of the request, `entities` among them under the flow's own name.
        priority: 1 goes first and may use the reserve of a limit.
    """

    request_id: int
    flow: str
    platform: str
    entities: tuple[str, ...]
    params: Mapping[str, Any]
    priority: int = 5


@dataclass(frozen=True)
class Complete:
    """The source answered. `complete` is false if it has more than it shows, such as a list that stops at 20,000."""

    records: int
    source: str
    complete: bool = True
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Empty:
    """(204): an authority answered that there is nothing, such as insights of a post from before the account's time."""

    reason: str


@dataclass(frozen=True)
class NotFound:
    """(404): an authority answered that the entity does not exist. Not tried again."""

    reason: str


@dataclass(frozen=True)
class Conflict:
    """(409): the answer contradicts what is known, such as a handle that belongs to another profile now."""

    reason: str


@dataclass(frozen=True)
class Throttled:
    """(429): every source refused because of its limits; the request goes back and waits until then."""

    until: datetime
    reason: str


@dataclass(frozen=True)
class GivenBack:
    """Nothing could be asked or answered now; the request goes back unharmed and waits until then."""

    until: datetime
    reason: str


@dataclass(frozen=True)
class Failed:
    """The request cannot be answered, with the reason. `retry` says whether a later try may end otherwise."""

    reason: str
    retry: bool = False


Outcome = Complete | Empty | NotFound | Conflict | Throttled | GivenBack | Failed
"""What became of a request. Empty, Conflict and Throttled never count for the quarantine of entities."""


@dataclass(frozen=True, kw_only=True)
class Charge:
    """What a call costs.

    Attributes:
        source: name of the source, the owner of the limits: `youtube`, `instagram`, ...
        bucket: the limit of the source that the call counts on: `common`, `search`, `stats`, `platform`, `tokens`, ...
        units: cost in the units of that bucket.
        entity: what the call is about, for the limit of one call a second and entity; None of batches.
        account: the account on whose behalf the call must be made, if only its own credential is of use.
    """

    source: str
    bucket: str
    units: int = 1
    entity: str | None = None
    account: str | None = None


@dataclass(frozen=True, kw_only=True)
class Credential:
    """A key or token as the budget hands it out.

    Attributes:
        id: its number in the vault; 0 of sources that need none.
        project: what shares its quota: Google's project, Meta's app.
        secret: the key or token; in no log and no repr.
        account: id of the account that it belongs to, such as the Instagram user who gave the token.
        details: what the source needs besides, such as a shop's domain.
    """

    id: int
    source: str
    project: str = ""
    secret: str = field(default="", repr=False)
    account: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What a source says of a credential's use.

    Attributes:
        percent: the share of the limit that is used up, the greatest of all that it names.
        regain_minutes: minutes until it may be used again, 0 if the source does not say.
    """

    percent: float
    regain_minutes: float = 0.0


class Later(Exception):
    """A limit leaves no call before `until`."""

    def __init__(self, until: datetime, reason: str) -> None:
        super().__init__(reason)
        self.until = until
        self.reason = reason


class NoCredential(Exception):
    """There is no credential of the source that can be used; `until` is when one rests no longer, if any only rests."""

    def __init__(self, source: str, reason: str, until: datetime | None = None) -> None:
        super().__init__(f"{source}: {reason}")
        self.source = source
        self.reason = reason
        self.until = until


class Budget(Protocol):
    """Limits, the quota ledger and the credentials. Asked before every call of a source."""

    async def take(self, charge: Charge, priority: int, *, stays: bool = False) -> Credential:
        """Charge every limit or none, and choose a credential after any wait.

        Args:
            stays: whether no other source can be asked instead, so that the call waits longer than 30 seconds.

        Raises:
            Later: a limit leaves no call soon enough.
            NoCredential: no credential of the source can be used.
        """
        ...

    async def learned(self, credential: Credential, usage: Usage) -> None:
        """Note what the source says of the credential's use: above 80 % the rate halves, from 95 % it rests."""
        ...

    async def rest(self, credential: Credential, until: datetime, reason: str) -> None:
        """Use the credential no more before `until`."""
        ...

    async def disable(self, credential: Credential, reason: str) -> None:
        """Use the credential no more until a person has acted."""
        ...

    async def close(self, source: str, bucket: str, project: str, until: datetime, reason: str) -> None:
        """Close a bucket of a project: the source says that it is used up, whatever the ledger says."""
        ...

    async def belongs(self, credential: Credential, project: str) -> None:
        """Note the project that the source names as the credential's: its keys share their buckets from now on."""
        ...


class Sink(Protocol):
    """Where records go."""

    async def publish(self, stream: str, records: Sequence[Mapping[str, Any]]) -> None:
        """Hand records to a stream; returns when they are durable.

        Raises:
            StirError: the broker is away or full. The request must be given back then, not closed.
        """
        ...


class Flow(Protocol):
    """A flow of the queue, as a worker runs it."""

    @property
    def name(self) -> str:
        """Its name in stir.scrape_queue.flows."""
        ...

    @property
    def merge(self) -> int:
        """Entities that fit into one call: requests may be handed over together up to that many."""
        ...

    async def run(self, tasks: Sequence[Task], budget: Budget, sink: Sink) -> Mapping[int, Outcome]:
        """Answer the requests; the outcome of each by its id. Raises nothing that a source may cause.

        Records of a request that ends as Complete are durable when this returns.
        """
        ...
