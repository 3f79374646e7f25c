"""Independent actions that are tried one after the other, so that a failure does not stop the rest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Attempts:
    """The failures of independent actions, each with a name and a reason."""

    def __init__(self) -> None:
        self.troubles: list[str] = []
        self._known: set[str] = set()

    @contextmanager
    def on(
        self, what: str, *, once: bool = False, but: type[Exception] | tuple[type[Exception], ...] = ()
    ) -> Iterator[None]:
        """Record an error of the block instead of raising it.

        Args:
            once: record only the first failure of this name.
            but: errors that the caller handles itself and that are raised.
        """
        try:
            yield
        except but:
            raise
        except Exception as error:
            if not (once and what in self._known):
                self.troubles.append(f"{what}: {str(error).strip().partition(chr(10))[0] or type(error).__name__}")
            self._known.add(what)
