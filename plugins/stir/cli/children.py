"""Runs long programs as children of a command, and ends them in good order however the command ends.

A child has its own session, so a Ctrl-C reaches it only once, from here, and it can clean up. As a program,
`python -m stir.cli.children FILE ARGUMENTS` runs a script that prints nothing when it is interrupted: the command
that started it prints the one line.
"""

from __future__ import annotations

import contextlib
import os
import runpy
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

INTERRUPTED = 130
LOOK_SECONDS = 0.2
PATIENCE_SECONDS = 90.0
"""Tests stop their servers when they are interrupted, which takes some time on a busy machine."""


def run_child(
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    folder: Path,
    stop: threading.Event | None = None,
    **options: Any,
) -> int:
    """Run the command and return its exit code. On an interrupt, or if `stop` is set, interrupt the child, wait for it
    and raise KeyboardInterrupt.
    """
    child = subprocess.Popen(list(command), cwd=folder, env=dict(environment), start_new_session=True, **options)
    try:
        while True:
            if stop and stop.is_set():
                raise KeyboardInterrupt
            try:
                return child.wait(LOOK_SECONDS if stop else None)
            except subprocess.TimeoutExpired:
                continue
    except BaseException:
        _end(child)
        raise


def ignore_interrupts() -> None:
    """Ignore further interrupts: a second Ctrl-C must not leave processes running."""
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)


def _end(child: subprocess.Popen[bytes]) -> None:
    ignore_interrupts()
    if child.poll() is None:
        child.send_signal(signal.SIGINT)
        try:
            child.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    # Processes that the child had started in its session.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)


def be_script(path: str, arguments: Sequence[str]) -> None:
    """Run the script. An interrupt runs its `finally` blocks and prints nothing."""

    def leave(number: int, frame: FrameType | None) -> NoReturn:
        raise SystemExit(INTERRUPTED)

    signal.signal(signal.SIGINT, leave)
    sys.argv = [path, *arguments]
    runpy.run_path(path, run_name="__main__")


if __name__ == "__main__":
    be_script(sys.argv[1], sys.argv[2:])
