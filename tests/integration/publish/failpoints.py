"""An observer that does something, such as killing the process, when a publish reaches a point."""

from __future__ import annotations

from collections.abc import Callable

from stir.publish.progress import HostPoint, Observer, Point


class At(Observer):
    """Calls `act`, in the thread that gets there, with every point that is reached."""

    def __init__(self, act: Callable[[str], None]) -> None:
        self._act = act

    def reached(self, point: Point | HostPoint) -> None:
        """Act."""
        self._act(point)
