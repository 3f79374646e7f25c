"""What is closed in the queue reaches the warehouse's stream, each request once or more often and never not at all."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from tests.unit.collector.platform import Sink

from stir.collector.copying import STREAM, copy_closed
from stir.errors import StirError
from stir.ingest.records import checker
from stir.ingest.streams import stream
from stir.scrape_queue import queue
from stir.settings import Settings

MOMENT = datetime.now(UTC).replace(microsecond=0)


def asked(connection: psycopg.Connection, count: int) -> list[queue.Picked]:
    """So many picked requests."""
    requests = [
        queue.Request(
            key=f"copy-{number}",
            platform="YOUTUBE",
            flow="refresh_yt_profiles",
            params={"channel_ids": [f"UC{number}"]},
            priority=3,
            expires_at=MOMENT + timedelta(hours=1),
            account_id=f"UC{number}",
        )
        for number in range(count)
    ]
    queue.enqueue(connection, requests, moment=MOMENT)
    return queue.pick(connection, count, moment=MOMENT)


def test_closed_requests_are_sent_once_in_rows_that_their_contract_takes(
    settings: Settings, tables: psycopg.Connection
) -> None:
    done, failed, returned, held = asked(tables, 4)
    queue.complete(tables, [done], moment=MOMENT, data='{"ok":true,"records":2}')
    queue.fail(tables, failed, "(404) channelNotFound", moment=MOMENT, retry=False)
    queue.give_back(tables, [returned], reason="(429) later")
    sink = Sink()

    assert asyncio.run(copy_closed(settings, sink)) == 2
    assert asyncio.run(copy_closed(settings, sink)) == 0

    rows = [
        checker(stream(STREAM).table).check_bytes(json.dumps(record).encode(), MOMENT).row
        for record in sink.streams[STREAM]
    ]
    assert [(row["status"], row["data"], row["account_id"]) for row in rows if row] == [
        ("COMPLETE", '{"ok":true,"records":2}', "UC0"),
        ("FAILED", "(404) channelNotFound", "UC1"),
    ]
    assert json.loads(rows[0]["params"] if rows[0] else "") == {"channel_ids": ["UC0"]}
    queue.complete(tables, [held], moment=MOMENT)
    assert asyncio.run(copy_closed(settings, sink)) == 1


def test_what_the_broker_does_not_take_is_sent_the_next_time(settings: Settings, tables: psycopg.Connection) -> None:
    queue.complete(tables, asked(tables, 3), moment=MOMENT)
    sink = Sink(away=True)

    with pytest.raises(StirError, match="broker"):
        asyncio.run(copy_closed(settings, sink))
    sink.away = False

    assert asyncio.run(copy_closed(settings, sink)) == 3
