"""Process families with a common session: a leader, and everything that it or its children forked.

For servers that fork and rename themselves, such as Airflow's. Neither command lines nor parents identify them, but the
session id stays, and the kernel does not reuse a leader's number while its session has members.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from stir.local.machine import process

END_SECONDS = 10.0
CLOCK_SLACK = 2.0


@dataclass(frozen=True)
class SessionLeader:
    """A process that we started: its id, which is its session's too, and when it began (seconds since the epoch)."""

    pid: int
    began: float

    @property
    def alive(self) -> bool:
        """Whether exactly this process runs."""
        process.reap()
        with contextlib.suppress(psutil.NoSuchProcess):
            found = psutil.Process(self.pid)
            began = abs(found.create_time() - self.began) < CLOCK_SLACK
            return began and found.status() != psutil.STATUS_ZOMBIE
        return False


def begin(arguments: Sequence[str], *, log: Path, environment: Mapping[str, str], folder: Path) -> SessionLeader:
    """Start a program as the leader of a new session."""
    folder.mkdir(parents=True, exist_ok=True)
    child = process.spawn(arguments, log=log, environment=environment, folder=folder)
    return SessionLeader(child.pid, psutil.Process(child.pid).create_time())


def members(leaders: Sequence[SessionLeader]) -> list[psutil.Process]:
    """Every running process of the sessions, also of those whose leader is dead."""
    process.reap()
    began = {leader.pid: leader.began for leader in leaders}
    found = []
    for candidate in psutil.process_iter() if began else ():
        # macOS refuses to say much about the processes of others.
        with contextlib.suppress(psutil.Error, ProcessLookupError, PermissionError):
            session = os.getsid(candidate.pid)
            ours = session in began and candidate.create_time() >= began[session] - CLOCK_SLACK
            if ours and candidate.status() != psutil.STATUS_ZOMBIE:
                found.append(candidate)
    return found


def end(leaders: Sequence[SessionLeader], patience: float = END_SECONDS) -> None:
    """Stop the sessions: SIGTERM to the leaders, `patience` seconds later to all that is left, then SIGKILL."""
    numbers = {leader.pid for leader in leaders}
    family = members(leaders)
    _signal([one for one in family if one.pid in numbers], signal.SIGTERM)
    process.wait_gone(family, patience if any(one.pid in numbers for one in family) else 0)
    left = members(leaders)
    _signal(left, signal.SIGTERM)
    process.wait_gone(left, patience)
    left = members(leaders)
    _signal(left, signal.SIGKILL)
    process.wait_gone(left, END_SECONDS)


def _signal(processes: Sequence[psutil.Process], number: signal.Signals) -> None:
    for one in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.send_signal(number)
