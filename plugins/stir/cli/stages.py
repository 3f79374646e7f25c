"""Shows long work stage by stage: a live bar while a stage runs, and one line with its time when it has ended."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


@dataclass
class Stage:
    """One stage of the work. `note` is shown after its time when it has ended; `seconds` is its wall time."""

    title: str
    note: str = ""
    seconds: float = 0.0
    _progress: Progress | None = field(default=None, repr=False)
    _task: int = 0

    def step(self, done: int, total: int, what: str = "") -> None:
        """Move the bar to `done` of `total` and name what has just been finished."""
        if self._progress:
            self._progress.update(self._task, completed=done, total=total, what=what)  # type: ignore[arg-type]


class Stages:
    """The stages of one command, on standard error, so that standard output holds only the result."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True)
        self.finished: list[Stage] = []

    @contextmanager
    def stage(self, title: str) -> Iterator[Stage]:
        """Run one stage. A failure is marked and raised again."""
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description:<12}"),
            BarColumn(24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[what]}"),
        )
        stage = Stage(title)
        started = time.monotonic()
        # In a pipe or a log file, only the one line per stage is written.
        live = Progress(*columns, console=self.console, transient=True, disable=not self.console.is_terminal)
        with live as progress:
            stage._progress, stage._task = progress, progress.add_task(title, total=None, what="")
            try:
                yield stage
            except BaseException:
                self.console.print(f"[red]✗[/] {title:<12} {time.monotonic() - started:7.1f} s", highlight=False)
                raise
        stage.seconds = time.monotonic() - started
        self.finished.append(stage)
        self.console.print(
            f"[green]✓[/] {title:<12} {stage.seconds:7.1f} s  {stage.note}", highlight=False, soft_wrap=True
        )

    @property
    def seconds(self) -> float:
        """Wall time of all finished stages."""
        return sum(stage.seconds for stage in self.finished)
