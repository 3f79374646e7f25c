"""What a command says while it is silent: one line that lives on standard error, where somebody watches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner

from stir.local import SERVICES, ensure_services
from stir.settings import Settings, load_settings

READING = "reading the dbt project, which is parsed where something changed (up to a minute)"


@contextmanager
def working(what: str) -> Iterator[Callable[[str], None]]:
    """Show what is being done until it is done; what is yielded changes the words. Nothing is shown in a pipe or a log.

    Nothing may be printed inside: standard output holds the result, and nothing else.
    """
    spinner = Spinner("dots", what)
    console = Console(stderr=True)
    # rich would take standard output, too, and print it on standard error.
    live = Live(spinner, console=console, transient=True, redirect_stdout=False) if console.is_terminal else None

    def say(words: str) -> None:
        spinner.update(text=words)

    if live is None:
        yield say
        return
    with live:
        yield say


def running_services(names: Iterable[str] = tuple(SERVICES)) -> Settings:
    """The services that a command needs, started if they do not run; returns how to reach them."""
    with working("looking whether the services run, and starting those that do not"):
        return ensure_services(load_settings(), names)
