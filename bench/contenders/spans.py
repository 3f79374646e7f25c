"""Where the time of a publish goes: when each piece of work began and ended, and who was busy in each phase."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.contenders.meter import Engines, difference, own_processor
from stir.publish.progress import Observer


class Timeline(Observer):
    """Notes begin and end of each piece of work, and at the beginning of each phase what everybody has spent."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        self._began = time.perf_counter()
        self._lock = threading.Lock()
        self._work: dict[str, list[tuple[float, float]]] = {}
        self._phases: list[tuple[str, float, dict[str, float]]] = []
        self.stage("begin")

    @contextmanager
    def span(self, work: str) -> Iterator[None]:
        """Take the time of the block, in seconds since the publish began."""
        begin = time.perf_counter() - self._began
        try:
            yield
        finally:
            with self._lock:
                self._work.setdefault(work, []).append((begin, time.perf_counter() - self._began))

    def stage(self, name: str, detail: str = "") -> None:
        """A phase begins."""
        spent = {**self._engines.processor(), "loader": own_processor()}
        self._phases.append((name, time.perf_counter(), spent))

    def spans(self) -> list[tuple[str, int, float, float, float]]:
        """Name, calls, begin of the first, end of the last, and the sum of their durations, the earliest first."""
        found = [
            (name, len(calls), min(b for b, _ in calls), max(e for _, e in calls), sum(e - b for b, e in calls))
            for name, calls in self._work.items()
        ]
        return sorted(found, key=lambda work: work[2])

    def phases(self) -> list[tuple[str, float, dict[str, float]]]:
        """Name, seconds and processor seconds by process of each phase; call it at the end."""
        self.stage("end")
        return [
            (name, then - began, difference(spent_then, spent))
            for (name, began, spent), (_, then, spent_then) in zip(self._phases, self._phases[1:], strict=False)
        ]
