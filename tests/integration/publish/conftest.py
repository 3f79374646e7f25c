"""Databases of these tests' own in the session's servers, so that no test meets another's tables."""

from __future__ import annotations

import os
import random
import secrets
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import LiteralString
from urllib.parse import urlsplit, urlunsplit

import pytest
from psycopg import sql
from pydantic import SecretStr

from stir import connections
from stir.publish import publish, verify
from stir.publish.export import slices
from stir.publish.load import stream
from stir.settings import Settings

from . import fault_report
from .fault_report import SEEN, Figures
from .left_overs import BOARD, generations, give_way, left_overs, next_version
from .marts import Mart, marts
from .postgres_host import PostgresHost, postgres_host
from .readers import FLEETS, Fleet

REPORTED = pytest.StashKey[Figures]()


def _in_database(url: SecretStr | None, database: str) -> SecretStr:
    assert url is not None
    return SecretStr(urlunsplit(urlsplit(url.get_secret_value())._replace(path=f"/{database}")))


def _administer(settings: Settings, statement: LiteralString, name: str) -> None:
    with connections.postgres(settings, role="admin", autocommit=True) as admin:
        for database in (name, f"{name}_staging"):
            admin.execute(sql.SQL(statement).format(sql.Identifier(database)))


@pytest.fixture(scope="module")
def place(settings: Settings) -> Iterator[Settings]:
    """The services, with scratch databases for warehouse, production and staging."""
    name = f"publish_{secrets.token_hex(3)}"
    own = settings.model_copy(
        update={
            "clickhouse_database": name,
            "postgres_url": _in_database(settings.postgres_url, name),
            "postgres_staging_url": _in_database(settings.postgres_staging_url, f"{name}_staging"),
            "postgres_reader_url": _in_database(settings.postgres_reader_url, name),
            "postgres_admin_url": _in_database(settings.postgres_admin_url, name),
        }
    )
    _administer(settings, "create database {} owner stir_writer", name)
    yield own
    _administer(settings, "drop database {} with (force)", name)
    client = connections.clickhouse(own)
    for database in (name, f"{name}_publish"):
        client.command(f"drop database if exists {database}")


@pytest.fixture(scope="module")
def mart(place: Settings) -> Mart:
    """The leaderboard's mart."""
    return marts(place)["leaderboard"]


@pytest.fixture(scope="module")
def host(place: Settings) -> Iterator[PostgresHost]:
    """The PostgreSQL host, for a publish over ssh."""
    with postgres_host(place) as host:
        yield host


@pytest.fixture
def in_parallel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Publish even a small mart in several parts on several connections."""
    monkeypatch.setattr(slices, "ROWS_PER_PART", 300)
    monkeypatch.setattr(stream, "PARALLEL_FROM", 0)
    monkeypatch.setattr(stream, "PARALLEL_CORES", 0)


@pytest.fixture(scope="module")
def fleet(place: Settings, mart: Mart) -> Iterator[Fleet]:
    """Eight readers who look at the leaderboard for as long as the module runs."""
    mart.build(1)
    publish(place, BOARD)
    with Fleet(place, floor=1) as fleet:
        yield fleet
    fleet.check(at_least=200)


@pytest.fixture
def version(place: Settings, mart: Mart, fleet: Fleet) -> Iterator[int]:
    """The next version, in the mart; whatever the fault was, after the test an undisturbed publish brings it."""
    give_way(place)
    version = next_version(place)
    mart.build(version)
    yield version
    fleet.wait_for_reads(20)
    assert publish(place, BOARD).outcome in ("published", "unchanged")
    fleet.floor = version
    fleet.wait_for_reads(20)
    assert verify(place, BOARD).mart_is_published
    assert left_overs(place) == []
    assert not fleet.complaints, fleet.complaints[:3]


@pytest.fixture(autouse=True)
def _reported(request: pytest.FixtureRequest) -> Iterator[None]:
    """Count what readers did and saw while a fault was tried."""
    marks = list(request.node.iter_markers("faults"))
    if not marks:
        yield
        return
    place: Settings = request.getfixturevalue("place")
    before, published = (sum(f.reads for f in FLEETS), sum(len(f.complaints) for f in FLEETS)), _published(place)
    yield
    reads, errors = (sum(f.reads for f in FLEETS), sum(len(f.complaints) for f in FLEETS))
    request.node.stash[REPORTED] = Figures(
        runs=1,
        reads=reads - before[0],
        reader_errors=errors - before[1],
        generations=_published(place) - published,
        rows_lost=_rows_lost(place),
    )


def _published(place: Settings) -> int:
    history = generations(place)
    return history[-1].generation if history else 0


def _rows_lost(place: Settings) -> int:
    """Rows that the live generation had when it was published and readers do not have now."""
    history = generations(place)
    if not history:
        return 0
    with connections.postgres(place, role="reader") as reader:
        row = reader.execute("select count(*) from public.leaderboard").fetchone()
    return history[-1].rows - (row[0] if row else 0)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Put a fault's figures into the report when its test and everything after it is over."""
    report = yield
    marks = list(item.iter_markers("faults"))
    if marks and (call.when == "teardown" or call.excinfo is not None):
        figures = item.stash.get(REPORTED, Figures(runs=1))
        figures.failed = figures.failed or int(call.excinfo is not None)
        if call.when == "teardown":
            for number in {number for mark in marks for number in mark.args}:
                SEEN[number].add(figures)
        else:
            item.stash[REPORTED] = figures
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the report of the fault suite, if any of it ran."""
    if report := fault_report.lines():
        terminalreporter.section("faults under eight readers")
        for line in report:
            terminalreporter.write_line(line)


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """For `stir chaos publish`: draw faults at random, with the seed it gave, until its time is up."""
    minutes = float(os.environ.get("CHAOS_MINUTES", "0"))
    if not minutes or session.testsfailed:
        return None
    by_fault: dict[int, list[pytest.Item]] = defaultdict(list)
    for item in session.items:
        for mark in item.iter_markers("faults"):
            by_fault[mark.args[0]].append(item)
    draw = random.Random(int(os.environ["CHAOS_SEED"]))  # noqa: S311 - repeatable, not secret
    deadline = time.monotonic() + 60 * minutes

    def another(last: pytest.Item | None) -> pytest.Item | None:
        while time.monotonic() < deadline:
            item = draw.choice(by_fault[draw.choice(sorted(by_fault))])
            if item is not last:  # pytest does not tear down between a test and itself
                return item
        return None

    drawn = another(None)
    while drawn is not None:
        following = another(drawn)
        session.config.hook.pytest_runtest_protocol(item=drawn, nextitem=following)
        drawn = following
    return True
