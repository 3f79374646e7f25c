"""Checks whether a publish can succeed: compares the mart, the target and the live table with the spec."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import psycopg
from clickhouse_connect.driver.exceptions import DatabaseError
from psycopg import sql

from stir import connections
from stir.connections import Target
from stir.errors import StirError
from stir.publish import ddl
from stir.publish.attachments.carrying import live_oid
from stir.publish.column_types import bare
from stir.publish.ledger import announcements, generations
from stir.publish.spec import PublishSpec
from stir.settings import Settings

OLDEST_POSTGRES = 180000
"""The content check uses `crc32(bytea)`, which exists since PostgreSQL 18."""

LIVE_COLUMNS = """
select attname, format_type(atttypid, atttypmod), attnotnull
from pg_attribute where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped order by attnum
"""


def check_mart(settings: Settings, spec: PublishSpec, target: Target = "prod") -> None:
    """Compare the mart's columns in ClickHouse with the spec. Unpublished columns are ignored.

    Raises:
        StirError: the mart is missing, or a column is missing or of another type.
    """
    actual = _columns_of_mart(settings, spec, spec.mart_of(target))
    where = f"ClickHouse, {settings.clickhouse_database}.{spec.mart_of(target)}"
    if not actual:
        raise StirError(f"the mart of {spec.name} does not exist", where=where, do="build it with `./stir dbt build`")
    if differences := list(mart_differences(spec, actual)):
        raise StirError(
            f"the mart of {spec.name} does not match its spec: {'; '.join(differences)}",
            where=where,
            do="change the model or the spec so that they agree",
        )


def _columns_of_mart(settings: Settings, spec: PublishSpec, mart: str) -> dict[str, str]:
    """Name and ClickHouse type of the columns that the spec reads from the mart; empty if there is no mart."""
    client = connections.clickhouse(settings)
    found = client.query(
        "select name, type from system.columns where database = {database:String} and table = {table:String}",
        parameters={"database": settings.clickhouse_database, "table": mart},
    )
    if found.result_rows and spec.query:
        rows = spec.rows_of(connections.quoted_table(settings.clickhouse_database, mart))
        try:
            found = client.query(f"describe table {rows}")
        except DatabaseError as error:
            raise StirError(
                f"the query of {spec.name} does not fit its mart: {str(error).partition(chr(10))[0]}",
                where=f"ClickHouse, {settings.clickhouse_database}.{mart}",
                do="change the model or the spec so that they agree",
            ) from error
    return {row[0]: row[1] for row in found.result_rows}


def mart_differences(spec: PublishSpec, actual: dict[str, str]) -> Iterator[str]:
    """The differences between a mart's columns (name to ClickHouse type) and the published columns."""
    for column in spec.columns:
        if column.name not in actual:
            yield f"no column {column.name}"
            continue
        promised, _ = bare(column.type)
        found, nullable = bare(actual[column.name])
        if _plain(promised) != _plain(found) or (nullable and not column.nullable):
            yield f"{column.name} is {actual[column.name]}, expected is {column.type}"


def _plain(clickhouse_type: str) -> str:
    """A type without the parts that do not matter for the transfer: the zone of a DateTime, dictionary encoding."""
    if clickhouse_type.startswith("DateTime("):
        return "DateTime"
    return (
        clickhouse_type.replace("LowCardinality(String)", "String").replace(", ", ",").replace("'UTC'", "").rstrip(",")
    )


def check_target(connection: psycopg.Connection, spec: PublishSpec, *, allow_change: bool = False) -> None:
    """Compare the target database and the live table with the spec.

    Args:
        allow_change: the live table may have other columns; prepared `select *` of readers will fail once.

    Raises:
        StirError: the server is too old, a reader role is missing, or the live table has other columns.
    """
    if connection.info.server_version < OLDEST_POSTGRES:
        raise StirError(
            f"PostgreSQL {connection.info.server_version // 10000} has no crc32, which the content check needs",
            where=connection.info.host,
            do=f"publish into PostgreSQL {OLDEST_POSTGRES // 10000} or newer",
        )
    for role in spec.readers:
        if connection.execute("select from pg_roles where rolname = %s", [role]).fetchone() is None:
            raise StirError(
                f"the role {role}, which reads {spec.table}, does not exist", do=f"`create role {role}` as a superuser"
            )
    live = ddl.live(spec).as_string()
    columns = connection.execute(LIVE_COLUMNS, [live]).fetchall()
    if columns and not allow_change and (differences := list(live_differences(spec, columns))):
        announcements.permit(connection, spec, differences)


def check_live_table(cursor: psycopg.Cursor, spec: PublishSpec, live: generations.Generation | None) -> bool:
    """Whether readers have a table now, which must be the one that was published last.

    Raises:
        StirError: a table of that name is not ours: replacing it would take somebody's data from sight.
    """
    oid = live_oid(cursor, spec)
    if oid is not None and (live is None or oid != live.table_oid):
        raise StirError(
            f"{spec.schema}.{spec.table} is not a table that stir published",
            do="rename that table, then publish again",
        )
    return oid is not None


def check_mode(spec: PublishSpec, published_in: str) -> None:
    """Refuse to publish a table in another mode than before, because a rollback could not restore it.

    Modes `rename` and `partition` may follow each other: the publish between them is a rename in both.

    Raises:
        StirError: the mode changed.
    """
    if published_in != spec.mode and not {published_in, spec.mode} <= {"rename", "partition"}:
        raise StirError(
            f"{spec.table} was published in mode {published_in}, its spec says {spec.mode}",
            do="publish it under another table name and move readers there",
        )


def differences_of(connection: psycopg.Connection, spec: PublishSpec) -> list[str]:
    """The differences between the live table's columns and the spec's; empty if there is no table."""
    columns = connection.execute(LIVE_COLUMNS, [ddl.live(spec).as_string()]).fetchall()
    return list(live_differences(spec, columns)) if columns else []


def check_same_columns(connection: psycopg.Connection, live: sql.Identifier, other: sql.Identifier) -> None:
    """Compare the columns of two tables. A missing live table is equal to any table.

    Raises:
        StirError: readers would find other columns.
    """
    columns = connection.execute(LIVE_COLUMNS, [live.as_string()]).fetchall()
    if columns and columns != connection.execute(LIVE_COLUMNS, [other.as_string()]).fetchall():
        raise StirError(
            f"{live.as_string()} would get other columns while applications use it",
            do="publish a corrected mart instead, or announce the change and use `--allow contract`",
        )


def live_differences(spec: PublishSpec, live: Sequence[tuple[str, str, bool]]) -> Iterator[str]:
    """The differences between the spec's columns and the live ones (name, type, not null), including the order."""
    promised = [(column.name, column.travel.postgres, not column.nullable) for column in spec.columns]
    if [name for name, _, _ in promised] != [name for name, _, _ in live]:
        gone = [name for name, _, _ in live if name not in {column.name for column in spec.columns}]
        new = [column.name for column in spec.columns if column.name not in {name for name, _, _ in live}]
        yield f"columns gone: {', '.join(gone) or 'none'}, new: {', '.join(new) or 'none'}, or in another order"
        return
    for (name, old_type, old_required), (_, new_type, new_required) in zip(live, promised, strict=True):
        if (old_type, old_required) != (new_type, new_required):
            yield f"{name} is {old_type}{' not null' if old_required else ''}, would be {new_type}" + (
                " not null" if new_required else ""
            )
