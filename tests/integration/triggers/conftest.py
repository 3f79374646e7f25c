"""A scrape queue of the test's own: a schema in beat's database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from stir import connections
from stir.settings import Settings
from stir.triggers import queue

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
SCHEMA = "queue_under_test"

Connect = Callable[[], psycopg.Connection]


@pytest.fixture
def connect(settings: Settings) -> Iterator[Connect]:
    """Opens sessions that see an empty queue and nothing else."""
    opened: list[psycopg.Connection] = []

    def open_session() -> psycopg.Connection:
        opened.append(connections.beat(settings, autocommit=True, options=f"-c search_path={SCHEMA}"))
        return opened[-1]

    with connections.beat(settings, autocommit=True) as owner:
        owner.execute(f"drop schema if exists {SCHEMA} cascade")
        owner.execute(f"create schema {SCHEMA}")
        queue.prepare(open_session())
        yield open_session
        for session in opened:
            session.close()
        owner.execute(f"drop schema {SCHEMA} cascade")


def request(key: str, *, priority: int = 5, flow: str = "refresh_profile_by_handle", **fields: Any) -> queue.Request:
    """A request that says nothing special."""
    values: dict[str, Any] = {
        "platform": "INSTAGRAM",
        "params": {"handle": key},
        "expires_at": NOON + timedelta(hours=6),
        **fields,
    }
    return queue.Request(key=key, priority=priority, flow=flow, **values)
