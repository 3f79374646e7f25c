"""Progress of `stir publish`: a live table on standard error, or one line per stage in a log."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich import box
from rich.console import Console
from rich.live import Live
from rich.table import Table

from stir.publish.progress import Observer

COLUMNS = ("table", "stage", "rows", "MB in S3", "MB loaded", "MB/s", "s", "ETA")
WAITING = "waiting"


@dataclass
class Line(Observer):
    """The progress of one table's publish. Several threads update it.

    Attributes:
        volume: approximate bytes to load; 0 before the snapshot exists.
        loading: time of the first loaded byte; `loaded_at` is the time of the last one.
    """

    name: str
    clock: Callable[[], float] = time.monotonic
    print_stage: Callable[[str], None] = lambda line: None
    state: str = WAITING
    rows: int = 0
    volume: int = 0
    exported: int = 0
    loaded: int = 0
    began: float = 0.0
    ended: float = 0.0
    loading: float = 0.0
    loaded_at: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def stage(self, name: str, detail: str = "") -> None:
        """A stage begins."""
        self.state = f"{name} {detail}".strip()
        self.print_stage(f"{self.name}: {self.state}")

    def planned(self, *, rows: int, volume: int) -> None:
        """The snapshot exists, so the size is known."""
        self.rows, self.volume = rows, volume

    def moved(self, *, exported: int = 0, loaded: int = 0) -> None:
        """Bytes were loaded."""
        with self._lock:
            self.exported += exported
            self.loaded += loaded
            if loaded:
                self.loaded_at = self.clock()
                self.loading = self.loading or self.loaded_at

    def rate(self) -> float | None:
        """Bytes loaded per second; None before the first measurement."""
        seconds = self.loaded_at - self.loading
        return self.loaded / seconds if seconds > 0 else None

    def seconds_left(self) -> float | None:
        """Estimated time until everything is loaded; None without a rate or if nothing is left."""
        rate = self.rate()
        return (self.volume - self.loaded) / rate if rate and 0 < self.loaded < self.volume and not self.ended else None

    def cells(self) -> tuple[str, ...]:
        """The cells of the table, in the order of COLUMNS."""
        now = self.ended or self.clock()
        rate, left = self.rate(), self.seconds_left()
        return (
            self.name,
            self.state,
            f"{self.rows:,}" if self.volume or self.ended else "",
            f"{self.exported / 1e6:,.1f}" if self.exported else "",
            f"{self.loaded / 1e6:,.1f}" if self.loaded else "",
            f"{rate / 1e6:,.0f}" if rate else "",
            f"{now - self.began:.1f}" if self.began else "",
            f"{left:.0f} s" if left is not None else "",
        )


class Board:
    """The tables of one command. Use it as a context manager, and `watching` for each table."""

    def __init__(self, names: Sequence[str], console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)
        quiet = not self._console.is_terminal
        self._lines = {name: Line(name, print_stage=self._print if quiet else lambda line: None) for name in names}
        self._live = None if quiet else Live(self, console=self._console, refresh_per_second=4, transient=True)

    def __enter__(self) -> Board:
        """Show the table if standard error is a terminal."""
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Remove the table. The command prints the results."""
        if self._live:
            self._live.stop()

    @contextmanager
    def watching(self, name: str) -> Iterator[Line]:
        """Watch one table while it is published."""
        line = self._lines[name]
        line.began = line.clock()
        try:
            yield line
        except BaseException:
            line.state = "[red]refused[/]"
            raise
        else:
            line.state = "[green]done[/]"
        finally:
            line.ended = line.clock()

    def __rich__(self) -> Table:
        """The table with its current cells."""
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
        for column in COLUMNS:
            table.add_column(column, justify="left" if column in ("table", "stage") else "right", no_wrap=True)
        for line in self._lines.values():
            table.add_row(*line.cells())
        return table

    def _print(self, line: str) -> None:
        self._console.print(line, highlight=False, soft_wrap=True)
