"""How a backfill says what it is doing, without knowing who listens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from stir.operations.backfill.comparison import Change

Point = Literal[
    "begun",
    "model built",
    "built",
    "compared",
    "kept",
    "before swap",
    "partition swapped",
    "swapped",
    "undo begun",
    "partition restored",
    "newer rows restored",
    "undone",
]
"""Where a run may be cut short, in the order in which it gets there."""
POINTS: tuple[Point, ...] = get_args(Point)


class Observer:
    """Somebody who watches a backfill. What it does not override, it ignores."""

    def stage(self, name: str) -> None:
        """A stage begins."""

    def step(self, done: int, total: int, what: str) -> None:
        """A step of the stage has ended, `what` says which: a model, or a partition."""

    def compared(self, changes: Sequence[Change]) -> None:
        """Everything is built and compared, and nothing is swapped yet."""

    def reached(self, point: Point) -> None:
        """The run has come to a point at which it may be cut short; what this raises, ends it there."""


UNWATCHED = Observer()
