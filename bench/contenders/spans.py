"""Where the time of a publish goes: when each piece of work began and ended, and who was busy in each phase."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import ModuleType
from typing import Any
from unittest.mock import patch

from contenders.meter import Engines, difference, own_processor
from stir.publish import cleanup
from stir.publish.checks import contract
from stir.publish.export import objects, parts, snapshot
from stir.publish.ledger import leases
from stir.publish.load import indexes, stream
from stir.publish.swap import transaction
from stir.publish.verification import content

WORK: tuple[tuple[str, ModuleType, str], ...] = (
    ("contract: the mart", contract, "check_mart"),
    ("contract: the target", contract, "check_target"),
    ("lease", leases, "take"),
    ("clone and decide", snapshot, "take"),
    ("reconcile: ClickHouse sums up", snapshot, "summarise"),
    ("cut into parts", parts, "conditions"),
    ("export: ClickHouse writes a part", parts, "_export_part"),
    ("manifest", objects, "write"),
    ("load: COPY of a part", stream.Loader, "_copy"),  # type: ignore[arg-type]
    ("analyze, index", indexes, "_run"),
    ("reconcile: PostgreSQL sums up", content, "content_of"),
    ("swap", transaction, "_in_one_transaction"),
    ("tidy", cleanup, "collect"),
)
"""What to call it, and the function whose calls it is."""


class Spans:
    """Begin and end of every call, in seconds since the publish began, by name."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._lock = threading.Lock()
        self.found: dict[str, list[tuple[float, float]]] = {name: [] for name, _, _ in WORK}

    def _timed(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **kwargs: Any) -> Any:
            begin = time.perf_counter() - self._began
            try:
                return work(*args, **kwargs)
            finally:
                with self._lock:
                    self.found[name].append((begin, time.perf_counter() - self._began))

        return timed

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Take the time of everything that happens in the block."""
        with ExitStack() as stack:
            for name, where, function in WORK:
                stack.enter_context(patch.object(where, function, self._timed(name, getattr(where, function))))
            self._began = time.perf_counter()
            yield

    def table(self) -> list[tuple[str, int, float, float, float]]:
        """Name, calls, begin of the first, end of the last, and the sum of their durations."""
        return [
            (name, len(calls), min(b for b, _ in calls), max(e for _, e in calls), sum(e - b for b, e in calls))
            for name, calls in self.found.items()
            if calls
        ]


class Phases:
    """An observer who notes, at the beginning of each phase, the time and what everybody has spent."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        self._notes: list[tuple[str, float, dict[str, float]]] = []
        self.stage("begin")

    def stage(self, name: str, detail: str = "") -> None:
        """A phase begins."""
        spent = {**self._engines.processor(), "loader": own_processor()}
        self._notes.append((name, time.perf_counter(), spent))

    def planned(self, *, rows: int, volume: int) -> None:
        """Of no interest here."""

    def moved(self, *, exported: int = 0, loaded: int = 0) -> None:
        """Of no interest here."""

    def table(self) -> list[tuple[str, float, dict[str, float]]]:
        """Name, seconds and processor seconds by process of each phase; call it at the end."""
        self.stage("end")
        return [
            (name, then - began, difference(spent_then, spent))
            for (name, began, spent), (_, then, spent_then) in zip(self._notes, self._notes[1:], strict=False)
        ]
