"""Calls that wait for a limit, so that those of one limit do not take every place of a worker."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from stir.collector.protocol import Charge

FLOW: ContextVar[str] = ContextVar("FLOW", default="")
"""The flow whose call is in work. A worker sets it in the task of each call."""


class Waiting:
    """How many calls of a worker wait for the same limit now, and of which flows they are."""

    def __init__(self) -> None:
        self._calls: Counter[tuple[str, str, str]] = Counter()
        self._flows: dict[tuple[str, str, str], set[str]] = defaultdict(set)

    @contextmanager
    def on(self, charge: Charge) -> Iterator[None]:
        """A call waits for the limits of this charge meanwhile."""
        limit = charge.source, charge.bucket, charge.account or ""
        self._calls[limit] += 1
        self._flows[limit].add(FLOW.get())
        try:
            yield
        finally:
            self._calls[limit] -= 1
            if not self._calls[limit]:
                del self._calls[limit], self._flows[limit]

    def places(self, most: int) -> dict[frozenset[str], int]:
        """The flows that wait for a limit, and how many of their calls may begin until `most` of them wait for it.

        A flow that waits for several limits has the fewest places of them.
        """
        found: dict[frozenset[str], int] = {}
        taken: set[str] = set()
        for limit, calls in self._calls.most_common():
            flows = frozenset(self._flows[limit] - taken)
            taken |= flows
            if flows:
                found[flows] = max(0, most - calls)
        return found
