"""Whole engines that go down in the middle of a publish and come back."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from clickhouse_connect.driver.exceptions import ClickHouseError

from stir import connections
from stir.local import ensure_services
from stir.publish import publish, verify
from stir.settings import Settings

from .failpoints import At
from .left_overs import BOARD, generations, left_overs
from .marts import Mart
from .readers import QUERY, Fleet


@pytest.fixture(scope="module", autouse=True)
def readers(place: Settings, mart: Mart) -> Iterator[Fleet]:
    """Eight readers who come back when PostgreSQL does; what they then see is whole and never older."""
    mart.build(1)
    publish(place, BOARD)
    with Fleet(place, forgiving=True) as fleet:
        yield fleet
    fleet.check(at_least=100)


@pytest.fixture(autouse=True)
def _afterwards_all_is_well(place: Settings, mart: Mart, settings: Settings) -> Iterator[None]:
    yield
    ensure_services(settings)
    assert publish(place, BOARD).outcome in ("published", "unchanged")
    assert verify(place, BOARD).mart_is_published
    assert left_overs(place) == []


def listening_process(port: int) -> psutil.Process:
    """The process that serves a port of this machine."""
    for connection in psutil.net_connections("tcp"):
        listens = connection.status == psutil.CONN_LISTEN and connection.laddr
        if listens and listens.port == port and connection.pid:
            return psutil.Process(connection.pid)
    raise AssertionError(f"nobody listens on {port}")


def crash_postgres(place: Settings) -> None:
    """An immediate shutdown: every backend dies at once, the next start replays the log."""
    with connections.postgres(place, role="admin", autocommit=True) as admin:
        row = admin.execute("show data_directory").fetchone()
    assert row is not None
    postmaster = psutil.Process(int(Path(row[0], "postmaster.pid").read_text().split()[0]))
    postmaster.send_signal(signal.SIGQUIT)
    psutil.wait_procs([postmaster], timeout=120)


@pytest.mark.faults(4)
@pytest.mark.parametrize(
    "point",
    [
        # Before the commit, the swap is the most that can be lost; after it, test_faults_kill.py kills the loader.
        pytest.param("part loaded", marks=pytest.mark.long),
        pytest.param("indexed", marks=pytest.mark.long),
        pytest.param("verified", marks=pytest.mark.long),
        "before commit",
        pytest.param("after commit", marks=pytest.mark.long),
    ],
)
def test_postgres_crashes(place: Settings, mart: Mart, settings: Settings, point: str, readers: Fleet) -> None:
    before = generations(place)[-1]
    version = before.watermark.second + 1 if before.watermark else 0
    mart.build(version)
    crashed: list[str] = []

    def crash(reached: str) -> None:
        if reached == point and not crashed:
            crashed.append(point)
            crash_postgres(place)
            ensure_services(settings)

    try:
        outcome: str = publish(place, BOARD, observer=At(crash)).outcome
    except psycopg.Error:
        outcome = "failed"
    assert crashed
    assert readers.reconnects, "the readers were there when it crashed"
    with connections.postgres(place, role="reader") as reader:
        row = reader.execute(QUERY.format(table="leaderboard")).fetchone()
    live = generations(place)[-1]
    assert row is not None
    if outcome == "published":
        assert (live.generation, row[1], row[2]) == (before.generation + 1, version, version)
    else:
        assert row[1] == row[2] == version - (live.generation == before.generation)


@pytest.mark.faults(5)
# An export that is cancelled (test_faults_sessions.py) leaves nothing, either.
@pytest.mark.parametrize("point", [pytest.param("snapshot taken", marks=pytest.mark.long), "part exported"])
def test_clickhouse_is_killed(place: Settings, mart: Mart, settings: Settings, point: str, in_parallel: None) -> None:
    """Before anything is exported nothing can be published; once all is exported, ClickHouse is not needed any more."""
    before = generations(place)[-1]
    mart.build((before.watermark.second if before.watermark else 0) + 1)
    killed: list[int] = []

    def kill(reached: str) -> None:
        if reached == point and not killed:
            process = listening_process(place.clickhouse.port)
            killed.append(process.pid)
            process.kill()
            process.wait(120)

    try:
        publication = publish(place, BOARD, observer=At(kill))
    except (ClickHouseError, OSError):
        assert generations(place)[-1] == before
    else:
        assert point == "part exported"
        assert publication.outcome == "published"
        assert "left-overs stay until the next run" in publication.reason
    assert killed
