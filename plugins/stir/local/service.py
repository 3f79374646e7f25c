"""The common base of the embedded services."""

from __future__ import annotations

import signal
import subprocess
import sys
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import psutil

from stir.errors import StirError
from stir.local.machine import process
from stir.local.machine.credentials import Credentials
from stir.local.machine.layout import Layout
from stir.settings import Settings

_START_SECONDS = 60
_PATIENCE_SECONDS = 60  # recovering, or writing a last checkpoint before it ends, a server is silent
# Marks a record until the start is complete, so that a server is started again if its starter was killed half-way.
_UNFINISHED = "unfinished"


@dataclass(frozen=True)
class Started:
    """The result of a start."""

    port: int
    milliseconds: float


class EmbeddedService(ABC):
    """One server of one checkout."""

    name: ClassVar[str]
    title: ClassVar[str]
    settings_fields: ClassVar[tuple[str, ...]]
    """URL fields of Settings that this service fills; the first decides whether the service is external."""
    polite_signal: ClassVar[signal.Signals] = signal.SIGTERM
    on_demand: ClassVar[bool] = False
    """Whether a checkout has this service only once a command has asked for it by name."""

    def __init__(self, settings: Settings, layout: Layout, credentials: Credentials) -> None:
        self.settings = settings
        self.layout = layout
        self.credentials = credentials

    @property
    def folder(self) -> Path:
        """The folder of the server's data."""
        return self.layout.service(self.name)

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.layout.log(self.name)

    @property
    def fingerprint(self) -> str:
        """Changes when a running server no longer fits its surroundings and must be started again."""
        return ""

    @property
    @abstractmethod
    def marker(self) -> str:
        """An element of the command line that identifies the server's process."""

    @abstractmethod
    def urls(self, port: int) -> dict[str, str]:
        """Settings fields and the URLs that reach the server."""

    @abstractmethod
    def answers(self, port: int) -> bool:
        """Whether a server of this kind answers on the port. Cheap, without credentials."""

    @abstractmethod
    def spawn(self, port: int) -> subprocess.Popen[bytes]:
        """Prepare the files and start the server."""

    @property
    def used(self) -> bool:
        """Whether this checkout has the service: it is not on demand, or it has been asked for before."""
        return not self.on_demand or self.folder.exists()

    def version(self, reported: str) -> str:
        """The server's version, from what it reports."""
        return reported

    def check_settings(self) -> None:  # noqa: B027
        """Refuse to restart a running server because one command has other settings. Most services have none."""

    def fetch(self) -> None:  # noqa: B027 - most services need none
        """Download what a first start needs; may take minutes. Most services need nothing."""

    def finish(self, port: int) -> None:  # noqa: B027
        """Create what must exist inside a server that has just started. Most services need nothing."""

    def clean_up(self) -> None:  # noqa: B027
        """Remove what a killed server left behind. Most services leave nothing."""

    def process(self) -> psutil.Process | None:
        """The running server."""
        record = process.load_record(self.layout, self.name)
        return process.find(record.pid if record else None, self.marker)

    def running_port(self) -> int | None:
        """Port of the running server, None if it is down or its surroundings have changed."""
        record = process.load_record(self.layout, self.name)
        fits = record is not None and record.fingerprint == self.fingerprint
        return self.served_port() if fits else None

    def served_port(self) -> int | None:
        """Port of the running server, None if it is down."""
        record = process.load_record(self.layout, self.name)
        return record.port if record and process.find(record.pid, self.marker) else None

    def settle(self) -> None:
        """Wait until a killed server has released its port and files."""
        if record := process.load_record(self.layout, self.name):
            process.wait_while_exiting(record.pid)

    def wait_for_answer(self, port: int) -> bool:
        """Give a running but silent server some time; it may be busy, so it is not killed. False if it died.

        Raises:
            StirError: it runs but does not answer.
        """
        if process.wait_until(
            lambda: self.answers(port), seconds=_PATIENCE_SECONDS, give_up=lambda: self.process() is None
        ):
            return True
        if self.process() is None:
            return False
        raise StirError(
            f"{self.title} runs but has not answered for {_PATIENCE_SECONDS} s",
            where=str(self.log),
            do=f"look at `stir logs {self.name}`; `stir down` and `stir up` restart it",
        )

    def stop(self) -> bool:
        """Stop the server, whichever command of this checkout started it; False if there was none."""
        found = list(process.find_all(self.marker))
        for server in found:
            process.stop(server, polite=self.polite_signal)
        self.settle()
        self.clean_up()
        self.layout.record(self.name).unlink(missing_ok=True)
        return bool(found)

    def start(self, port: int) -> None:
        """Start the server and wait until it answers.

        Raises:
            StirError: it ended or did not answer; the line quotes the end of its log.
        """
        since = self.log.stat().st_size if self.log.exists() else 0
        child = self.spawn(port)
        process.save_record(self.layout, self.name, process.Record(child.pid, port, _UNFINISHED))
        if not process.wait_until(
            lambda: self.answers(port), seconds=_START_SECONDS, give_up=lambda: child.poll() is not None
        ):
            ended = child.poll() is not None
            if not ended:
                process.stop(psutil.Process(child.pid), polite=self.polite_signal, patience=2)
            words = process.last_words(self.log, since) or "it said nothing"
            what = "ended while starting" if ended else f"did not answer within {_START_SECONDS} s"
            raise StirError(
                f"{self.title} {what}: {words}", where=str(self.log), do=f"`stir logs {self.name}` shows more"
            )
        try:
            self.finish(port)
        except BaseException:
            self.stop()
            raise
        process.save_record(self.layout, self.name, process.Record(child.pid, port, self.fingerprint))


def server_environment(**extra: str) -> dict[str, str]:
    """A small environment for a server: none of the caller's secrets, UTC, and a plain locale."""
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        **extra,
    }
