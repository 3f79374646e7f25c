"""Drift: fields of answers that no parser knows. Providers add them without notice; they are listed once a day."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

_log = logging.getLogger("stir.collector.drift")

Known = Mapping[str, Any]
"""Names to what is known below them: a mapping, or None for a value or a part that is kept as it is."""


def unknown(document: object, known: Known, path: str = "") -> set[str]:
    """The paths of fields that `known` does not have; lists are judged element by element."""
    if isinstance(document, list):
        return {found for each in document for found in unknown(each, known, path)}
    if not isinstance(document, Mapping):
        return set()
    strange = set[str]()
    for name, value in document.items():
        place = f"{path}.{name}".lstrip(".")
        if name not in known:
            strange.add(place)
        elif known[name]:
            strange |= unknown(value, known[name], place)
    return strange


class Drift:
    """What was seen today, so that it is reported once."""

    def __init__(self) -> None:
        self._day: date | None = None
        self._seen: set[tuple[str, str]] = set()

    def note(self, day: date, source: str, paths: Iterable[str]) -> list[str]:
        """Report the fields that are new today; returns them."""
        if day != self._day:
            self._day, self._seen = day, set()
        fresh = sorted(path for path in set(paths) if (source, path) not in self._seen)
        self._seen |= {(source, path) for path in fresh}
        if fresh:
            _log.warning("%s sends fields that no parser knows: %s", source, ", ".join(fresh))
        return fresh
