"""Server processes that outlive the command which started them, and how to identify them later.

A number in a file proves nothing: the process may have ended and another may have its number. A process counts as ours
only if its command line holds the service's marker, a path inside this checkout's state folder.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from stir.errors import StirError
from stir.local.machine.layout import Layout, read_json, write_private

_LOG_LIMIT = 16_000_000
_LOG_KEEP = 1_000_000
_TROUBLE = re.compile(r"fatal|panic|exception|error|denied|no space|cannot|could not|failed", re.IGNORECASE)

_started: list[subprocess.Popen[bytes]] = []  # kept so that children which end are reaped and are not seen as zombies


@dataclass(frozen=True)
class Record:
    """The record of a start."""

    pid: int
    port: int
    fingerprint: str


def save_record(layout: Layout, service: str, record: Record) -> None:
    """Record which process serves."""
    write_private(layout.record(service), json.dumps(record.__dict__) + "\n")


def load_record(layout: Layout, service: str) -> Record | None:
    """The record of the last start, if it is readable."""
    with contextlib.suppress(StirError, KeyError, ValueError):
        content = read_json(layout.record(service))
        return Record(int(content["pid"]), int(content["port"]), str(content["fingerprint"]))
    return None


def spawn(
    arguments: Sequence[str],
    *,
    log: Path,
    environment: Mapping[str, str],
    folder: Path,
    user: int | None = None,
    group: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own, so that Ctrl-C at the terminal does not reach it."""
    with log.open("ab") as stream:
        child = subprocess.Popen(
            list(arguments),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=dict(environment),
            cwd=folder,
            user=user,
            group=group,
            extra_groups=None if user is None else [],
        )
    _started.append(child)
    return child


def find(pid: int | None, marker: str) -> psutil.Process | None:
    """The running process with this number, if it carries the marker."""
    reap()
    if pid is None:
        return None
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        if process.status() != psutil.STATUS_ZOMBIE and marker in process.cmdline():
            return process
    return None


def find_all(marker: str) -> Iterator[psutil.Process]:
    """Every running process with the marker, also those without a record."""
    reap()
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if marker in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE:
                yield process


def wait_while_exiting(pid: int, seconds: float = 10) -> None:
    """Let a killed process finish dying. It has lost its command line by then, so it is not known by its marker any
    more, but while the kernel takes back its memory it still holds its port and its files."""

    def gone() -> bool:
        reap()
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            return _is_dead(process) or bool(process.cmdline())
        return True

    wait_until(gone, seconds=seconds, give_up=lambda: False)


def reap() -> None:
    """Take the exit codes of servers that this very process started and that have ended."""
    _started[:] = [child for child in _started if child.poll() is None]


def stop(process: psutil.Process, *, polite: signal.Signals, patience: float = 20) -> None:
    """Stop a process and its children with SIGTERM, and later with SIGKILL."""
    with contextlib.suppress(psutil.NoSuchProcess):
        family = [*process.children(recursive=True), process]
        process.send_signal(polite)
        _, alive = wait_gone(family, patience)
        for survivor in alive:
            with contextlib.suppress(psutil.NoSuchProcess):
                survivor.kill()
        wait_gone(alive, 5)


def wait_gone(processes: Sequence[psutil.Process], seconds: float) -> tuple[list[psutil.Process], list[psutil.Process]]:
    """Wait until processes are gone or zombies: (gone, alive)."""
    deadline = time.monotonic() + seconds
    while True:
        reap()
        alive = [process for process in processes if _runs(process)]
        if not alive or time.monotonic() > deadline:
            return [process for process in processes if process not in alive], alive
        time.sleep(0.02)


def _runs(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and not _is_dead(process)
    return False


def _is_dead(process: psutil.Process) -> bool:
    """A zombie whose other threads are gone too: until then they keep its port and files open."""
    return bool(process.status() == psutil.STATUS_ZOMBIE and process.num_threads() <= 1)


def trim_log(path: Path) -> None:
    """Keep the end of a log that has grown large. Servers append, so cutting under them is safe."""
    with contextlib.suppress(FileNotFoundError):
        size = path.stat().st_size
        if size <= _LOG_LIMIT:
            return
        with path.open("r+b") as stream:
            stream.seek(size - _LOG_KEEP)
            tail = stream.read().split(b"\n", 1)[-1]
            stream.truncate(0)
            os.pwrite(stream.fileno(), tail, 0)


def last_words(log: Path, since: int) -> str:
    """The line of a log, written after byte `since`, that best explains why its server ended."""
    with contextlib.suppress(FileNotFoundError), log.open("rb") as stream:
        stream.seek(max(since, log.stat().st_size - 64_000))
        lines = [line.strip() for line in stream.read().decode("utf-8", "replace").splitlines() if line.strip()]
        troubled = [line for line in lines if _TROUBLE.search(line)]
        if lines:
            return (troubled or lines)[-1][:300]
    return ""


def wait_until(condition: Callable[[], bool], *, seconds: float, give_up: Callable[[], bool]) -> bool:
    """Poll until the condition holds; False after `seconds`, or as soon as it can no longer hold."""
    held = False

    def settled() -> bool:
        nonlocal held
        held = condition()
        return held or give_up()

    with contextlib.suppress(RetryError):
        Retrying(retry=retry_if_result(lambda done: not done), wait=wait_fixed(0.02), stop=stop_after_delay(seconds))(
            settled
        )
    return held
