"""What a source says instead of an answer, in the collector's words. Each source translates its codes to these."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Kind(StrEnum):
    """What a fault is about, and so what is done."""

    GONE = "the entity does not exist: an answer"
    NOTHING = "there is nothing to show of the entity: an answer"
    STRANGER = "this source does not know such entities; another one may"
    LIMIT = "a limit of the credential: it rests, another one is taken"
    BUSY = "too fast: wait and ask again"
    CLOSED = "the day's quota of a bucket is used up: closed until Pacific midnight"
    CREDENTIAL = "the credential is refused: off until a person acts, another one is taken"
    HICCUP = "the source failed: ask again, then give the request back"
    DOUBTFUL = "gone, or a limit in disguise: ask twice more at longer gaps before it is believed"
    SMALLER = "too much was asked for at once: ask for half"
    PAGE = "the page token is unknown: begin the list again, once"
    METRIC = "a metric is unknown for this kind: ask once without it"
    REFUSED = "the source refuses the request as it is: it fails"


@dataclass(frozen=True)
class Fault:
    """One fault.

    Attributes:
        reason: the source's own code or word, without values of the request.
        rest: how long a credential rests or a call waits, if the source says it.
        detail: what the reaction needs besides, such as the name of the metric.
        project: the project that the source names as the owner of the quota.
    """

    kind: Kind
    reason: str
    rest: timedelta | None = None
    detail: str = ""
    project: str = ""


class AnsweredError(Exception):
    """The source answered with a fault that the flow decides about."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.reason)
        self.fault = fault


class UnavailableError(Exception):
    """The source cannot be asked now: a limit, an outage, no credential. The next source of the chain is asked.

    Attributes:
        until: when it may be asked again.
        is_limit: whether it is a limit; then the request counts as throttled.
    """

    def __init__(self, source: str, until: datetime, reason: str, *, is_limit: bool = False) -> None:
        super().__init__(f"{source}: {reason}")
        self.source = source
        self.until = until
        self.reason = reason
        self.is_limit = is_limit
