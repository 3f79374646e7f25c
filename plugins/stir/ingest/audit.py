"""The equation of streams and files: received = in the table + in quarantine + waiting."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import psycopg

from stir import clock, connections
from stir.ingest import quarantine
from stir.settings import Settings

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

    from stir.ingest.batch import Batch

KEPT = timedelta(days=90)
_NOTE = (
    "insert into ingest.stream_batch (token, stream, source_table, arrived_at, messages, records, written, refused)"
    " values (%s, %s, %s, %s, %s, %s, %s, %s) on conflict (token) do nothing"
)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Day:
    """What one stream received on one day, UTC.

    Attributes:
        received: records of the messages that a sink took.
        written: those that it wrote to ClickHouse.
        refused: those that it put into quarantine.
    """

    stream: str
    day: date
    received: int
    written: int
    refused: int


@dataclass(frozen=True)
class Holding:
    """What must be somewhere of the records of one stream, or of the files for one target, and what is.

    Attributes:
        written: rows that sinks and loads wrote to the table, for any of them; `in_table`: rows that are there.
        refused: records that sinks put into quarantine; `in_quarantine`: records that are there, open or closed.
        waiting: messages in the broker; None if nobody asked.
    """

    stream: str
    table: str
    written: int
    in_table: int
    refused: int
    in_quarantine: int
    waiting: int | None

    @property
    def missing(self) -> int:
        """Records that are nowhere. What lies in a table beside them came by another way and is none of them."""
        return max(self.written - self.in_table, 0) + max(self.refused - self.in_quarantine, 0)


def record(settings: Settings, batch: Batch, arrived_at: datetime) -> None:
    """Note a batch that was written. A database that is away delays no record: the batch is then missing here only."""
    refused = len(batch.refused)
    row = [batch.token, batch.stream.name, batch.stream.table, arrived_at, len(batch.messages)]
    row += [batch.records, batch.records - refused, refused]
    try:
        try:
            with connections.postgres(settings, autocommit=True) as connection:
                connection.execute(_NOTE, row)
        except psycopg.errors.UndefinedTable:
            with quarantine.connect(settings) as connection:
                connection.execute(_NOTE, row)
    except psycopg.Error as error:
        _log.warning("a batch of stream %s was not noted for the audit (%s)", batch.stream.name, type(error).__name__)


def days(settings: Settings) -> list[Day]:
    """What each stream received, by day; what is older than 90 days is forgotten."""
    with quarantine.connect(settings) as connection:
        connection.execute("delete from ingest.stream_batch where arrived_at < %s", [clock.now(settings) - KEPT])
        rows = connection.execute(
            "select stream, (arrived_at at time zone 'UTC')::date as day, sum(records)::bigint, sum(written)::bigint,"
            " sum(refused)::bigint from ingest.stream_batch where messages > 0 group by stream, day"
            " union all select target, (started_at at time zone 'UTC')::date as day, sum(rows_read)::bigint,"
            " sum(rows_loaded)::bigint, sum(rows_read - rows_loaded)::bigint from ingest.file_load group by target, day"
            " order by stream, day"
        ).fetchall()
    return [Day(str(stream), day, *map(int, counts)) for stream, day, *counts in rows]


def holdings(settings: Settings, waiting: Mapping[str, int]) -> list[Holding]:
    """Where the records of each stream are that has received any."""
    with quarantine.connect(settings) as connection:
        rows = connection.execute(
            "with noted as ("
            " select stream, source_table, written, refused from ingest.stream_batch"
            " union all select target, rows.key, rows.value::bigint, 0"
            " from ingest.file_load cross join lateral jsonb_each_text(rows_written) as rows"
            " union all select target, coalesce((select min(key) from jsonb_each_text(rows_written)), ''), 0,"
            " (select coalesce(sum(value::bigint), 0) from jsonb_each_text(rows_refused)) - rows_removed"
            " from ingest.file_load)"
            " select stream, source_table, sum(refused)::bigint,"
            " (sum(sum(written)) over (partition by source_table))::bigint"
            " from noted group by stream, source_table order by stream, source_table"
        ).fetchall()
        kept = connection.execute("select stream, sum(times)::bigint from ingest.quarantine group by stream").fetchall()
    aside = {str(stream): int(times) for stream, times in kept}
    found = []
    with connections.clickhouse(settings) as client:
        for stream, table, refused, written in rows:
            # Of a file that was refused as a whole no table is known.
            count = _count(client, str(table)) if table else 0
            # Files of a short way fill several tables; the refused ones stand with one of them.
            there = (int(written), count, int(refused), aside.get(str(stream), 0) if refused else 0)
            found.append(Holding(str(stream), str(table), *there, waiting.get(str(stream))))
    return found


def _count(client: Client, table: str) -> int:
    database, name = table.split(".", 1)
    return int(client.query(f"select count() from {connections.quoted_table(database, name)}").result_rows[0][0])
