"""Calls that wait for a limit, so that those of one limit do not take every place of a worker."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from stir.collector.protocol import Charge

SCARCE = 2.0
"""Seconds until the next call of a limit from which one waiting call is enough: a worker picks the next one sooner."""


@dataclass(eq=False)
class InWork:
    """A call in work.

    Attributes:
        deadline: when the worker ends it. What it waits for limits does not count.
        has_asked: whether a limit has answered it yet.
    """

    flow: str = ""
    deadline: asyncio.Timeout | None = None
    has_asked: bool = False

    def waits(self, seconds: float) -> None:
        """It is about to wait for so long."""
        if self.deadline is not None and (when := self.deadline.when()) is not None:
            self.deadline.reschedule(when + seconds)


CALL: ContextVar[InWork | None] = ContextVar("CALL", default=None)
"""The call in work. A worker sets it in the task of each call."""


def in_work() -> InWork:
    """The call in work, or one of no flow where no worker is."""
    return CALL.get() or InWork()


@dataclass
class _Line:
    """The calls that wait for a limit now, and the flows that have waited since a call last got it at once."""

    calls: int = 0
    is_scarce: bool = False
    flows: set[str] = field(default_factory=set)

    def room(self, most: int) -> int:
        return max(0, (1 if self.is_scarce else most) - self.calls)


class Waiting:
    """How many calls of a worker wait for the same limit now, and of which flows they are."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, str, str], _Line] = {}

    def granted(self, charge: Charge) -> None:
        """A call got the limit at once: if nobody waits for it, it is not short any more."""
        in_work().has_asked = True
        limit = _limit(charge)
        if limit in self._lines and not self._lines[limit].calls:
            del self._lines[limit]

    def refused(self, charge: Charge, seconds: float, *, stays: bool) -> bool:
        """A call would have to wait so long. Returns whether it may: for a scarce limit one waits, the others go back.

        Args:
            stays: whether it would wait until the limit is free, rather than ask another source.
        """
        call = in_work()
        call.has_asked = True
        line = self._lines.setdefault(_limit(charge), _Line())
        line.flows.add(call.flow)
        line.is_scarce = line.is_scarce or (stays and seconds > SCARCE)
        return not line.is_scarce or line.room(1) > 0

    @contextmanager
    def on(self, charge: Charge) -> Iterator[None]:
        """A call that was refused waits for the limits of this charge meanwhile."""
        line = self._lines[_limit(charge)]
        line.calls += 1
        try:
            yield
        finally:
            line.calls -= 1

    def places(self, most: int, begun: Mapping[str, int]) -> dict[frozenset[str], int]:
        """The flows that wait for a limit, and how many of their calls may begin until `most` of them wait for it.

        A flow that waits for several limits has the fewest places of them.

        Args:
            begun: flow to the calls that have a place and have not asked yet.
        """
        found: dict[frozenset[str], int] = {}
        taken: set[str] = set()
        for line in sorted(self._lines.values(), key=lambda line: line.room(most)):
            flows = frozenset(line.flows - taken)
            taken |= flows
            if flows:
                found[flows] = max(0, line.room(most) - sum(begun.get(flow, 0) for flow in flows))
        return found


def _limit(charge: Charge) -> tuple[str, str, str]:
    return charge.source, charge.bucket, charge.account or ""
