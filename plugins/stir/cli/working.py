"""Shows on a terminal what a command is doing: one live line on standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner

from stir.local import ensure_services
from stir.settings import Settings, load_settings

READING = "reading the dbt project, which is parsed if something changed (up to a minute)"


@contextmanager
def working(what: str) -> Iterator[Callable[[str], None]]:
    """Show the text while the block runs; the yielded function changes it. Nothing is shown in a pipe or a log.

    The block must not print: standard output holds only the result.
    """
    spinner = Spinner("dots", what)
    console = Console(stderr=True)
    # Otherwise rich would redirect standard output to standard error.
    live = Live(spinner, console=console, transient=True, redirect_stdout=False) if console.is_terminal else None

    def say(words: str) -> None:
        spinner.update(text=words)

    if live is None:
        yield say
        return
    with live:
        yield say


def running_services(names: Iterable[str] | None = None) -> Settings:
    """Start the services that a command needs, by default those in use, unless they are running.

    Returns the settings to reach them.
    """
    with working("checking the services, and starting those that do not run"):
        return ensure_services(load_settings(), names)
