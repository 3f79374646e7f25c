"""Databases of these tests' own in the session's servers, so that no test meets another's tables."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import LiteralString
from urllib.parse import urlsplit, urlunsplit

import pytest
from psycopg import sql
from pydantic import SecretStr

from stir import connections
from stir.publish import freeze, load, publish, verify
from stir.settings import Settings

from .left_overs import BOARD, left_overs
from .marts import Mart, marts
from .readers import Fleet


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


@pytest.fixture
def in_parallel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Publish even a small mart in several parts on several connections."""
    monkeypatch.setattr(freeze, "ROWS_PER_PART", 300)
    monkeypatch.setattr(load, "PARALLEL_FROM", 0)
    monkeypatch.setattr(load, "PARALLEL_CORES", 0)


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
    version = fleet.floor + 1
    mart.build(version)
    yield version
    fleet.wait_for_reads(20)
    assert publish(place, BOARD).outcome in ("published", "unchanged")
    fleet.floor = version
    fleet.wait_for_reads(20)
    assert verify(place, BOARD).mart_is_published
    assert left_overs(place) == []
    assert not fleet.complaints, fleet.complaints[:3]
