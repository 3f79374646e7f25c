"""Things that are tried one by one, where one that fails must not keep the others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Attempts:
    """What failed of many things that do not depend on each other, each with its name and the reason."""

    def __init__(self) -> None:
        self.troubles: list[str] = []
        self._known: set[str] = set()

    @contextmanager
    def on(
        self, what: str, *, once: bool = False, but: type[Exception] | tuple[type[Exception], ...] = ()
    ) -> Iterator[None]:
        """Note an error of the block instead of raising it.

        Args:
            once: note it the first time only: it is the same thing each time.
            but: errors that the caller knows what to do with.
        """
        try:
            yield
        except but:
            raise
        except Exception as error:
            if not (once and what in self._known):
                self.troubles.append(f"{what}: {str(error).strip().partition(chr(10))[0] or type(error).__name__}")
            self._known.add(what)
