from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from stir.local.machine import process
from stir.local.machine.layout import Layout

SLEEP = "import sys, time; print('ready', flush=True); time.sleep(60)"


@pytest.fixture
def spawn(tmp_path: Path) -> Callable[..., subprocess.Popen[bytes]]:
    def run(*arguments: str, code: str = SLEEP) -> subprocess.Popen[bytes]:
        log = tmp_path / "log"
        since = log.stat().st_size if log.exists() else 0
        command = [sys.executable, "-c", code, *arguments]
        child = process.spawn(command, log=log, environment=os.environ, folder=tmp_path)
        assert process.wait_until(
            lambda: b"ready" in log.read_bytes()[since:], seconds=180, give_up=lambda: child.poll() is not None
        )
        return child

    return run


def test_a_number_alone_proves_nothing(spawn: Callable[..., subprocess.Popen[bytes]]) -> None:
    child = spawn("/state/a/config.xml")
    try:
        assert process.find(child.pid, "/state/a/config.xml") is not None
        assert process.find(child.pid, "/state/b/config.xml") is None
        assert process.find(child.pid, "/state/a") is None
    finally:
        child.kill()


def test_a_dead_process_is_not_found_even_as_a_zombie(spawn: Callable[..., subprocess.Popen[bytes]]) -> None:
    child = spawn("/state/a/config.xml")
    child.kill()
    assert process.wait_until(
        lambda: process.find(child.pid, "/state/a/config.xml") is None, seconds=60, give_up=lambda: False
    )
    assert list(process.find_all("/state/a/config.xml")) == []


def test_a_server_lives_in_a_session_of_its_own(spawn: Callable[..., subprocess.Popen[bytes]]) -> None:
    child = spawn("/state/c/config.xml")
    try:
        assert os.getsid(child.pid) == child.pid != os.getsid(0)
    finally:
        child.kill()


def test_stopping_ends_the_children_too(spawn: Callable[..., subprocess.Popen[bytes]]) -> None:
    code = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEP!r}]); {SLEEP}"
    child = spawn("/state/d/config.xml", code=code)
    parent = psutil.Process(child.pid)
    assert process.wait_until(lambda: bool(parent.children()), seconds=120, give_up=lambda: False)
    family = [parent, *parent.children(recursive=True)]
    process.stop(parent, polite=signal.SIGTERM, patience=1)
    assert process.wait_gone(family, 60)[1] == []


def test_a_process_that_ignores_politeness_is_ended_by_force(spawn: Callable[..., subprocess.Popen[bytes]]) -> None:
    child = spawn("/state/e/x", code=f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}")
    process.stop(psutil.Process(child.pid), polite=signal.SIGTERM, patience=0.2)
    assert process.find(child.pid, "/state/e/x") is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": "x"}', '{"pid": 1}'])
def test_an_unreadable_record_is_no_record(tmp_path: Path, content: str) -> None:
    layout = Layout(tmp_path)
    layout.record("s3").parent.mkdir()
    layout.record("s3").write_text(content)
    assert process.load_record(layout, "s3") is None


def test_a_large_log_keeps_its_end_in_whole_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_LOG_LIMIT", 10_000)
    monkeypatch.setattr(process, "_LOG_KEEP", 1_000)
    log = tmp_path / "log"
    log.write_text("".join(f"line {number}\n" for number in range(5_000)))
    with log.open("a") as server:  # a server that has the file open and appends
        process.trim_log(log)
        server.write("line 5000\n")
    lines = log.read_text().splitlines()
    assert lines[-1] == "line 5000"
    assert lines == [f"line {number}" for number in range(5_001 - len(lines), 5_001)]
    assert log.stat().st_size < 1_100


def test_a_small_log_is_left_alone(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("one\n")
    process.trim_log(log)
    process.trim_log(tmp_path / "absent")
    assert log.read_text() == "one\n"


def test_last_words_prefer_the_trouble_and_forget_earlier_runs(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("FATAL: of yesterday\n")
    since = log.stat().st_size
    with log.open("a") as stream:
        stream.write("starting\nFATAL: could not bind\nshutting down\n")
    assert process.last_words(log, since) == "FATAL: could not bind"
    assert process.last_words(log, log.stat().st_size) == ""
    assert process.last_words(tmp_path / "absent", 0) == ""
