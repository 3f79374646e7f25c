"""Places where a publish may be cut short. Tests listen here to kill a run at each of them; nothing else does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Listener = Callable[[str], None]

POINTS = (
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
    "tidied",
)
"""Every boundary, in the order a run reaches them."""

_listeners: list[Listener] = []


def reached(point: str) -> None:
    """Tell the listeners that a run has come to this point."""
    for listener in _listeners:
        listener(point)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Have `listener` called, in the thread that gets there, at every boundary."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)
