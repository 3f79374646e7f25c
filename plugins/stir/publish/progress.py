"""How a publish says what it is doing, without knowing who listens: one observer for progress, durations and faults."""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager, nullcontext
from typing import Literal, get_args

Point = Literal[
    "begin",
    "begun",
    "snapshot taken",
    "part exported",
    "exported",
    "part loaded",
    "loaded",
    "indexed",
    "verified",
    "before commit",
    "after commit",
    "swapped",
    "cleaned up",
]
"""Where a run may be cut short, in the order in which it gets there."""
HostPoint = Literal["remote job started", "remote job ended"]
"""Where, besides, a run may be cut short whose load is a job on the PostgreSQL host."""
POINTS: tuple[Point, ...] = get_args(Point)


class Observer:
    """Somebody who watches a publish; called from several threads. What it does not override, it ignores."""

    def stage(self, name: str, detail: str = "") -> None:
        """A stage begins."""

    def planned(self, *, rows: int, volume: int) -> None:
        """The snapshot is taken: how many rows, and about how many bytes of them, there are to move."""

    def moved(self, *, exported: int = 0, loaded: int = 0) -> None:
        """Bytes went by: written to S3 (compressed), or loaded (as text)."""

    def reached(self, point: Point | HostPoint) -> None:
        """The run has come to a point at which it may be cut short; what this raises, ends it there."""

    def span(self, work: str) -> AbstractContextManager[None]:
        """Around a piece of work, of which several may go on at the same time."""
        return nullcontext()


UNWATCHED = Observer()


class LogObserver(Observer):
    """Writes into a log which stage a publish is in, and how much there is to move."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log

    def stage(self, name: str, detail: str = "") -> None:
        """A stage begins."""
        self._log.info("%s %s", name, detail)

    def planned(self, *, rows: int, volume: int) -> None:
        """It is known how much there is."""
        self._log.info("%s rows, about %.1f MB", f"{rows:,}", volume / 1e6)
