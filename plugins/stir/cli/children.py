"""Long programs that a command runs: they end with it, in good order, however it is ended.

A child has a session of its own, so that a Ctrl-C reaches it once, from here, and it can tidy up after itself. As a
program, `python -m stir.cli.children FILE ARGUMENTS` is a script of ours that says nothing when it is interrupted: the
command that runs it says the one line.
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
    """The exit code of the command. When this is interrupted, or `stop` is set, the child is interrupted and waited
    for; then KeyboardInterrupt goes on.
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
    """Whoever presses Ctrl-C again must not leave anything running."""
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
    # What it had started in its session and left.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)


def be_script(path: str, arguments: Sequence[str]) -> None:
    """Be that script, with an end on an interrupt that runs what it has in `finally` and prints nothing."""

    def leave(number: int, frame: FrameType | None) -> NoReturn:
        raise SystemExit(INTERRUPTED)

    signal.signal(signal.SIGINT, leave)
    sys.argv = [path, *arguments]
    runpy.run_path(path, run_name="__main__")


if __name__ == "__main__":
    be_script(sys.argv[1], sys.argv[2:])
