"""How a publish tells what it is doing, without knowing who listens."""

from __future__ import annotations

from typing import Protocol


class Observer(Protocol):
    """Somebody who watches a publish; called from several threads."""

    def stage(self, name: str, detail: str = "") -> None:
        """A stage begins."""

    def planned(self, *, rows: int, volume: int) -> None:
        """It is known how many rows, and about how many bytes of them, there are to move."""

    def moved(self, *, exported: int = 0, loaded: int = 0) -> None:
        """Bytes went by: written to S3 (compressed), or loaded (as text)."""


class Unwatched:
    """Nobody watches."""

    def stage(self, name: str, detail: str = "") -> None:
        """Nothing."""

    def planned(self, *, rows: int, volume: int) -> None:
        """Nothing."""

    def moved(self, *, exported: int = 0, loaded: int = 0) -> None:
        """Nothing."""


UNWATCHED = Unwatched()
