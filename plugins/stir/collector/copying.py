"""Closed requests go to the warehouse, where operators read the crawler's work: stream `beat_scrape_request_log`.

Each is sent at least once, whatever is killed meanwhile; the table keeps one row of each.
"""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING, Any

from stir import connections
from stir.collector.protocol import Sink
from stir.collector.sink import open_sink
from stir.errors import StirError
from stir.settings import Settings

if TYPE_CHECKING:
    import psycopg

STREAM = "beat_scrape_request_log"
MOST = 1_000
_WAIT, _AGAIN = 2.0, 30.0
_FIRST_ID = 1 << 62
"""Ids of the queue lie above those of a synthetic world's own requests, as `stir world work` copies them, too."""
_COLUMNS = (
    "id", "idempotency_key", "platform", "account_id", "flow", "status", "priority", "params", "data", "created_at",
    "picked_at", "scraped_at", "expires_at", "retry_count",
)  # fmt: skip
_log = logging.getLogger("stir.collector")


async def copy_closed(settings: Settings, sink: Sink) -> int:
    """Send what was closed and not sent yet; returns how many requests.

    Raises:
        StirError: the broker has not taken them. They are sent the next time.
    """
    count = 0
    while True:
        with connections.beat(settings) as connection:
            rows = _closed(connection)
            if rows:
                # Under the lock of the rows: another collector copies other ones.
                await sink.publish(STREAM, rows)
                _mark(connection, [row["id"] - _FIRST_ID for row in rows])
        count += len(rows)
        if len(rows) < MOST:
            return count


async def keep_copying(settings: Settings) -> None:
    """Send what is closed until cancelled; while the broker or PostgreSQL is away, requests wait in the queue."""
    import psycopg

    while True:
        try:
            async with open_sink(settings) as sink:
                while True:
                    await copy_closed(settings, sink)
                    await asyncio.sleep(_WAIT)
        except (StirError, psycopg.Error) as error:
            reason = error.line if isinstance(error, StirError) else "PostgreSQL is away"
            _log.warning("closed requests are not copied for now: %s", reason)
            await asyncio.sleep(_AGAIN)


def _closed(connection: psycopg.Connection) -> list[dict[str, Any]]:
    found = connection.execute(
        f"select {', '.join(_COLUMNS)} from scrape_request_log"
        " where not is_copied and status in ('COMPLETE', 'FAILED') order by id limit %s"
        " for update skip locked".encode(),
        [MOST],
    ).fetchall()
    return [_record(dict(zip(_COLUMNS, row, strict=True))) for row in found]


def _record(row: dict[str, Any]) -> dict[str, Any]:
    times = {name: value.isoformat() for name, value in row.items() if name.endswith("_at") and value is not None}
    plain = {name: value for name, value in row.items() if not name.endswith("_at")}
    return {**plain, **times, "id": row["id"] + _FIRST_ID, "source": "stir", "params": json.dumps(row["params"])}


def _mark(connection: psycopg.Connection, ids: list[int]) -> None:
    connection.execute("update scrape_request_log set is_copied = true where id = any(%s)", [ids])
