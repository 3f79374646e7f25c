"""Proof that PostgreSQL holds what ClickHouse held: rows counted and content summed on both sides."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg import sql

from stir import connections
from stir.errors import StirError
from stir.publish import ddl, partitions
from stir.publish.export import unchanged_months
from stir.publish.progress import UNWATCHED, Observer
from stir.publish.row_text import clickhouse_column_text, postgres_column_text, postgres_row_text
from stir.publish.session import writer
from stir.publish.spec import READ_SETTINGS, PublishSpec
from stir.publish.state import PublishState
from stir.settings import Settings


@dataclass(frozen=True)
class Content:
    """What a PostgreSQL table holds, comparable with the snapshot of a mart."""

    rows: int
    checksum: str


def content_statement(spec: PublishSpec, table: sql.Identifier) -> sql.Composed:
    """Statement that counts the rows and sums up the content of a table."""
    return sql.SQL("select count(*), coalesce(sum(crc32(convert_to({}, 'UTF8'))), 0) from {}").format(
        sql.SQL(postgres_row_text(spec)), table
    )


def content_of(connection: psycopg.Connection, spec: PublishSpec, table: sql.Identifier) -> Content:
    """Count and sum up a PostgreSQL table."""
    row = connection.execute(content_statement(spec, table)).fetchone()
    assert row is not None  # noqa: S101 - an aggregate without `group by` returns one row
    return Content(row[0], f"crc32:{row[1]}")


def verify_load(settings: Settings, state: PublishState, observer: Observer = UNWATCHED) -> PublishState:
    """Compare the loaded table with the snapshot, row count and content.

    Raises:
        StirError: they differ; the line names the columns that do.
    """
    with writer(settings, state.target, purpose=f"{state.name} verify") as connection:
        for month, table in partitions.loaded_tables(state).items():
            expected = Content(*partitions.expected(state, month))
            with observer.span("PostgreSQL sums up"):
                content = content_of(connection, state.spec, ddl.stored(table))
            if content != expected:
                raise StirError(
                    f"{state.name}{f' of {month[:7]}' if month else ''} differs from its snapshot: "
                    f"{content.rows:,} rows and {content.checksum}, "
                    f"the snapshot has {expected.rows:,} and {expected.checksum}"
                    f"{_differing_columns(settings, connection, state, month, table)}",
                    where=f"stir.{table}",
                    do="publish again"
                    + (" with --force, if somebody changed the live table" if state.carried and not month else "")
                    + "; readers keep what they have",
                )
    observer.reached("verified")
    return state


def _differing_columns(
    settings: Settings, connection: psycopg.Connection, state: PublishState, month: str, table: str
) -> str:
    """Which columns of the loaded table differ from the snapshot, as the end of a sentence."""
    spec = state.spec
    theirs = ", ".join(f"sum(CRC32({clickhouse_column_text(column)}))" for column in spec.columns)
    ours = sql.SQL(", ").join(
        sql.SQL("coalesce(sum(crc32(convert_to({}, 'UTF8'))), 0)").format(sql.SQL(postgres_column_text(column)))
        for column in spec.columns
    )
    sums = connection.execute(sql.SQL("select {} from {}").format(ours, ddl.stored(table))).fetchone() or ()
    client = connections.clickhouse(settings)
    where = f" where {unchanged_months.of_month(spec, month)}" if month else ""
    expected = client.query(
        f"select {theirs} from {spec.rows_of(state.quoted_snapshot)}{where}", settings=READ_SETTINGS
    )
    different = [
        column.name
        for column, here, there in zip(spec.columns, sums, expected.result_rows[0], strict=True)
        if int(here) != int(there)
    ]
    return f" (columns that differ: {', '.join(different)})" if different else ""
