"""`stir up`, `down`, `status`, `logs`, `env` and `doctor` as a user types them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from stir.settings import PROJECT_DIR, load_settings

Run = Callable[..., subprocess.CompletedProcess[str]]


def variables(state_dir: Path) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("STIR_")}
    return {
        **own,
        "PYTHONPATH": str(PROJECT_DIR / "plugins"),
        "STIR_STATE_DIR": str(state_dir),
        "STIR_CACHE_DIR": str(load_settings().cache_dir),
        "STIR_ENV_FILE": os.devnull,
    }


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "stir", *arguments]


def stir(state_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), env=variables(state_dir), capture_output=True, text=True, timeout=600)


@pytest.fixture(scope="module")
def state_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("commands") / "state"
    yield folder
    stir(folder, "down")


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "state"
    stir(tmp_path / "state", "down")


@pytest.fixture(scope="module")
def running(state_dir: Path) -> Path:
    done = stir(state_dir, "up")
    assert done.returncode == 0, done.stderr
    assert "26.7" in done.stdout
    assert "18." in done.stdout
    return state_dir


def test_status_before_the_first_start_says_down_and_makes_nothing(tmp_path: Path) -> None:
    done = stir(tmp_path / "state", "status", "--json")
    assert done.returncode == 3
    states = {row["name"]: row["state"] for row in json.loads(done.stdout)}
    assert states == {"clickhouse": "down", "postgres": "down", "s3": "down", "broker": "unused"}
    assert not (tmp_path / "state").exists()


def test_down_before_the_first_start_has_nothing_to_do(tmp_path: Path) -> None:
    done = stir(tmp_path / "state", "down")
    assert (done.returncode, done.stdout) == (0, "nothing was running\n")


def test_up_again_starts_nothing(running: Path) -> None:
    assert stir(running, "up").stdout.count("was running") == 3


def test_status_shows_what_runs(running: Path) -> None:
    done = stir(running, "status", "--json")
    assert done.returncode == 0
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    assert rows.pop("broker")["state"] == "unused"
    assert set(rows) == {"clickhouse", "postgres", "s3"}
    for row in rows.values():
        assert row["state"] == "up"
        assert row["version"]
        assert row["pid"] > 1
        assert row["memory_bytes"] > 1_000_000
        assert row["address"].startswith("127.0.0.1:")
    table = stir(running, "status").stdout
    assert all(f"{row['address']}  {row['version']}" in table for row in rows.values())


def test_status_ends_with_3_when_one_is_dead_and_up_brings_it_back(running: Path) -> None:
    rows = {row["name"]: row for row in json.loads(stir(running, "status", "--json").stdout)}
    os.kill(rows["s3"]["pid"], signal.SIGKILL)
    done = stir(running, "status", "--json")
    assert done.returncode == 3
    assert [row["name"] for row in json.loads(done.stdout) if row["state"] == "down"] == ["s3"]
    assert stir(running, "up").returncode == 0
    assert stir(running, "status").returncode == 0


def test_logs_shows_the_end_and_knows_its_names(running: Path) -> None:
    done = stir(running, "logs", "postgres", "-n", "2")
    assert len(done.stdout.splitlines()) == 2
    unknown = stir(running, "logs", "mysql")
    assert unknown.returncode == 1
    assert unknown.stderr.count("\n") == 1
    assert "clickhouse, postgres, s3" in unknown.stderr


def test_env_makes_another_shell_work_on_this_checkout(running: Path) -> None:
    script = (
        f'eval "$({" ".join(command("env"))})" && cd / && '
        'python -m stir status --json && python -c "'
        "import os, psycopg; print(psycopg.connect(os.environ['STIR_POSTGRES_READER_URL']).info.user)\""
    )
    done = subprocess.run(["/bin/sh", "-c", script], env=variables(running), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count('"state": "up"') == 3
    assert done.stdout.endswith("stir_reader\n")


def test_doctor_finds_a_healthy_checkout_healthy(running: Path) -> None:
    done = stir(running, "doctor", "--json")
    findings = json.loads(done.stdout)
    assert done.returncode == 0, findings
    assert {finding["level"] for finding in findings} <= {"ok", "note"}
    assert {"ClickHouse reader", "PostgreSQL reader", "ClickHouse to S3", "ClickHouse engine"} <= {
        finding["check"] for finding in findings
    }
    assert all(finding["do"] for finding in findings if finding["level"] != "ok")


def test_doctor_ends_with_1_when_an_address_is_wrong(running: Path) -> None:
    wrong = {**variables(running), "STIR_CLICKHOUSE_URL": "http://me:mine@127.0.0.1:1"}
    done = subprocess.run(command("doctor"), env=wrong, capture_output=True, text=True)
    assert done.returncode == 1
    assert "✗ ClickHouse" in done.stdout
    assert "mine" not in done.stdout + done.stderr


def test_an_unreachable_server_of_ones_own_is_one_line(running: Path) -> None:
    for variable, url in (
        ("STIR_CLICKHOUSE_URL", "http://me:mine@127.0.0.1:1"),
        ("STIR_POSTGRES_URL", "postgresql://me:mine@127.0.0.1:1/stir"),
        ("STIR_S3_URL", "http://me:mine@127.0.0.1:1/stir"),
    ):
        done = subprocess.run(command("up"), env={**variables(running), variable: url}, capture_output=True, text=True)
        assert done.returncode == 1
        assert done.stderr.count("\n") == 1, done.stderr
        assert variable in done.stderr
        assert "mine" not in done.stderr


@pytest.mark.parametrize(
    ("number", "seconds"),
    [
        (signal.SIGKILL, 1.3),
        # What leaves less behind: at another moment, or by the signal that the test of the download sends, too.
        pytest.param(signal.SIGINT, 0.7, marks=pytest.mark.long),
        pytest.param(signal.SIGINT, 1.3, marks=pytest.mark.long),
        pytest.param(signal.SIGKILL, 0.7, marks=pytest.mark.long),
    ],
)
def test_a_first_start_that_was_interrupted_is_completed_by_the_next(
    fresh: Path, number: signal.Signals, seconds: float
) -> None:
    first = subprocess.Popen(
        command("up"), env=variables(fresh), start_new_session=True, stderr=subprocess.PIPE, stdout=subprocess.PIPE
    )
    time.sleep(seconds)
    os.killpg(first.pid, number)  # as a terminal does: the command and what it has running in the foreground
    _, errors = first.communicate(timeout=600)
    if number == signal.SIGINT:
        assert first.returncode in (0, 130)  # 0: it was done already
        assert errors.strip().count(b"\n") == 0, errors.decode()

    again = stir(fresh, "up")

    assert again.returncode == 0, again.stderr
    findings = json.loads(stir(fresh, "doctor", "--json").stdout)
    assert [finding for finding in findings if finding["level"] == "failure"] == []


def test_an_interrupted_engine_download_leaves_nothing(fresh: Path, tmp_path: Path) -> None:
    for name in ("npm", "node"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\ntouch started\nexec sleep 600\n")
        program.chmod(0o755)
    cache = tmp_path / "cache"
    own = {**variables(fresh), "STIR_CACHE_DIR": str(cache), "PATH": f"{tmp_path}:/usr/bin:/bin"}
    first = subprocess.Popen(
        command("up"), env=own, start_new_session=True, stderr=subprocess.PIPE, stdout=subprocess.PIPE
    )
    deadline = time.monotonic() + 300
    while not list(cache.glob(".fetch-*/started")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(first.pid, signal.SIGINT)
    _, errors = first.communicate(timeout=300)
    assert first.returncode == 130
    assert b"interrupted" in errors
    assert [path.name for path in cache.iterdir()] == ["engine.lock"]


def test_down_stops_them_all(running: Path) -> None:
    """The last test of this module: the others want them running."""
    rows = json.loads(stir(running, "status", "--json").stdout)
    done = stir(running, "down")
    assert done.stdout == "stopped ClickHouse, PostgreSQL, S3\n"
    pids = [row["pid"] for row in rows if row["state"] == "up"]
    assert len(pids) == 3
    for pid in pids:  # gone, or dead and waiting for init to take notice
        assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    assert stir(running, "status").returncode == 3
