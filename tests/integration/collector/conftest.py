"""The collector's tables and the queue, empty."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import psycopg
import pytest

from stir import connections
from stir.collector import credentials
from stir.collector.credentials import New
from stir.database import BEAT, COLLECTOR, apply
from stir.ingest.vault import Vault
from stir.settings import Settings
from stir.world.answers import NOW
from stir.world.history import require_world

TABLES = "collector.credential, collector.quota, collector.closed_bucket, collector.rate, scrape_request_log"


@pytest.fixture
def tables(settings: Settings) -> Iterator[psycopg.Connection]:
    """A connection to beat's database with nothing in the tables."""
    with connections.beat(settings, autocommit=True) as connection:
        apply(connection, BEAT)
        apply(connection, COLLECTOR)
        connection.execute(f"truncate {TABLES}")
        yield connection
        connection.execute(f"truncate {TABLES}")


@pytest.fixture
def safe(settings: Settings) -> Vault:
    """The vault of these services."""
    return credentials.vault(settings)


@pytest.fixture(scope="module")
def end(settings: Settings, world: Any) -> datetime:
    """The moment at which the world answers."""
    return require_world(connections.clickhouse(settings)).end - NOW


def add(connection: psycopg.Connection, safe: Vault, source: str, name: str, **fields: Any) -> int:
    """A credential with a secret of its own."""
    return credentials.add(connection, safe, New(source, name, f"secret-of-{source}-{name}", **fields))
