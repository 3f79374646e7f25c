"""Process families are found by session and ended whole, and nobody else's process is touched."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from stir.local.machine.sessions import SessionLeader, begin, end, members

FAMILY = "import os, time\nos.fork()\nos.fork()\ntime.sleep(100)"
STUBBORN = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(100)"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[str, int], SessionLeader]]:
    """Starts a Python program and waits until its family has so many members; all are ended afterwards."""
    begun: list[SessionLeader] = []

    def run(program: str, size: int) -> SessionLeader:
        command = [sys.executable, "-c", program]
        begun.append(begin(command, log=tmp_path / "log", environment=dict(os.environ), folder=tmp_path))
        deadline = time.monotonic() + 180
        while len(members(begun[-1:])) < size and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(members(begun[-1:])) == size
        return begun[-1]

    yield run
    end(begun, patience=0.2)


def test_a_family_is_found_after_its_leader_was_killed_and_ended_whole(
    start: Callable[[str, int], SessionLeader],
) -> None:
    leader = start(FAMILY, 4)
    os.kill(leader.pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(leader.pid)], timeout=60)
    assert not leader.alive
    assert len(members([leader])) == 3
    end([leader], patience=1)
    assert members([leader]) == []


def test_a_process_that_ignores_sigterm_is_killed(start: Callable[[str, int], SessionLeader]) -> None:
    leader = start(STUBBORN, 1)
    time.sleep(0.5)
    end([leader], patience=0.3)
    assert not leader.alive


def test_a_neighbour_is_left_alone(start: Callable[[str, int], SessionLeader]) -> None:
    leader, neighbour = start(FAMILY, 4), start(FAMILY, 4)
    end([leader], patience=1)
    assert neighbour.alive
    assert len(members([neighbour])) == 4


def test_a_number_that_now_belongs_to_another_process_is_not_ours() -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"], start_new_session=True)
    try:
        record = SessionLeader(stranger.pid, began=time.time() + 3600)
        assert not record.alive
        end([record], patience=0.1)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
