"""Who works while a table is moved, and how much memory the one who moves it takes."""

from __future__ import annotations

import resource
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

import psutil

from stir.settings import Settings

EVERY = 0.2
"""Seconds between two looks at the memory."""


class Engines:
    """The three servers' processes, for what they have spent so far. They run on this machine."""

    def __init__(self, settings: Settings) -> None:
        ports = {
            "ClickHouse": settings.clickhouse.port,
            "PostgreSQL": urlsplit(settings.postgres_dsn()).port,
            "S3": settings.s3.port,
        }
        listening = [item for item in psutil.net_connections("tcp") if item.status == psutil.CONN_LISTEN and item.pid]
        self._processes = {
            name: psutil.Process(next(item.pid for item in listening if item.laddr[1:] == (port,) and item.pid))
            for name, port in ports.items()
        }

    def processor(self) -> dict[str, float]:
        """Processor seconds of each since it began, PostgreSQL's backends included."""
        return {name: _spent(process) for name, process in self._processes.items()}


def own_processor() -> float:
    """Processor seconds of this process and of all that it started."""
    return _spent(psutil.Process())


def own_peak() -> int:
    """The most memory that this process ever held, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak  # macOS counts bytes, Linux kibibytes


def _spent(process: psutil.Process) -> float:
    times = process.cpu_times()
    total = times.user + times.system + times.children_user + times.children_system
    for child in process.children():
        with suppress(psutil.Error):
            total += sum(child.cpu_times()[:2])
    return float(total)


def difference(after: Mapping[str, float], before: Mapping[str, float]) -> dict[str, float]:
    """What was spent in between."""
    return {name: after[name] - before[name] for name in after}


@dataclass(frozen=True)
class Figures:
    """One run of one way. `peak` is the mover's memory in bytes, `processor` everybody's seconds by name."""

    seconds: float
    processor: dict[str, float]
    peak: int


class Memory:
    """The most that a process and those it started hold together, looked at again and again."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = psutil.Process(process.pid)
        self.peak, self._stop = 0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(EVERY):
            total = 0
            with suppress(psutil.Error):
                for process in (self._process, *self._process.children(recursive=True)):
                    with suppress(psutil.Error):
                        total += process.memory_info().rss
            self.peak = max(self.peak, total)
