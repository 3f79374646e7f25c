"""How a publish tells what it is doing, without knowing who listens."""

from __future__ import annotations

from typing import Protocol


class Observer(Protocol):
    """Somebody who watches a publish; called from several threads."""

    def stage(self, name: str, detail: str = "") -> None:
        """A stage begins."""

    def moved(self, *, exported: int = 0, loaded: int = 0) -> None:
        """Bytes went by."""


class Unwatched:
    """Nobody watches."""

    def stage(self, name: str, detail: str = "") -> None:
        """Nothing."""

    def moved(self, *, exported: int = 0, loaded: int = 0) -> None:
        """Nothing."""


UNWATCHED = Unwatched()
