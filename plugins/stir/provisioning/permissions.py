"""Tests what each role must be able to do and what readers must not. The tests are real and leave nothing behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stir import connections
from stir.errors import StirError
from stir.provisioning.logins import CHECKS as LOGINS
from stir.settings import Settings

_PROBE = "stir_permission_probe"
_SCORED = ("ds.creator_followers_fake_analysis", "ds.creator_fake_share")
_WRITING = ("insert", "alter", "create table", "drop table", "truncate", "optimize")


@dataclass(frozen=True)
class PermissionCheck:
    """One promise about one role. `test` returns what it saw, and raises StirError if the promise is broken."""

    service: str
    title: str
    test: Callable[[Settings], str]
    needs: tuple[str, ...] = ()

    def applies(self, settings: Settings) -> bool:
        """Whether the addresses that it needs are configured."""
        return all(getattr(settings, field) is not None for field in self.needs)


def _clickhouse_writer(settings: Settings) -> str:
    client = connections.clickhouse(settings)
    client.command(f"create database {_PROBE}")
    try:
        client.command(f"create table {_PROBE}.probe (number UInt8) engine = MergeTree order by number")
        client.command(f"insert into {_PROBE}.probe select 1")
    finally:
        client.command(f"drop database {_PROBE} sync")
    return "creates, fills and drops databases and tables"


def _clickhouse_collection(settings: Settings) -> str:
    client = connections.clickhouse(settings)
    target = (
        f"s3({settings.s3_named_collection}, filename = '{_PROBE}.tsv', format = 'TSV', structure = 'number UInt8')"
    )
    client.command(f"insert into function {target} select 7 settings s3_truncate_on_insert = 1")
    rows = client.query(f"select number from {target}").result_rows
    connections.s3(settings).delete_object(Bucket=settings.s3.path, Key=f"{_PROBE}.tsv")
    if list(rows) != [(7,)]:
        raise StirError("ClickHouse does not read back from S3 what it wrote", do="see `stir logs s3`")
    return f"writes and reads S3 through {settings.s3_named_collection}"


def _clickhouse_reader(settings: Settings) -> str:
    from clickhouse_connect.driver.binding import quote_identifier
    from clickhouse_connect.driver.exceptions import DatabaseError

    client = connections.clickhouse(settings, role="reader")
    database = quote_identifier(settings.clickhouse_database)
    rights = [f"{right} on {database}.*" for right in _WRITING]
    rights += [
        "create database on *.*",
        "read on FILE",
        "read on URL",
        f"named collection on {settings.s3_named_collection}",
    ]
    for right in rights:
        if client.query(f"check grant {right}").result_rows[0][0]:
            raise StirError(f"ClickHouse's reader holds `{right}`", do="revoke that right")
    try:
        client.command(f"create table {database}.{_PROBE} (number UInt8) engine = Memory")
    except DatabaseError as error:
        if "ACCESS_DENIED" not in str(error) and "READONLY" not in str(error):
            raise StirError(f"unexpected error of ClickHouse for its read-only user: {str(error)[:200]}") from None
    else:
        connections.clickhouse(settings).command(f"drop table {database}.{_PROBE}")
        raise StirError("ClickHouse's reader may create tables", do="revoke that right")
    return "reads, and is refused every way of writing"


def _clickhouse_scorer(settings: Settings) -> str:
    client = connections.clickhouse(settings, role="scorer")

    def holds(right: str) -> bool:
        return bool(client.query(f"check grant {right}").result_rows[0][0])

    needed = [f"insert on {table}" for table in _SCORED] + [f"select on {table}" for table in _SCORED]
    for right in needed:
        if not holds(right):
            raise StirError(f"ClickHouse's scorer lacks `{right}`", do=f"grant {right} to that user")
    # The world's truth is what the scorer is measured against.
    for right in ("select on world.*", "insert on *.*", *(f"{verb} on *.*" for verb in _WRITING[1:])):
        if holds(right):
            raise StirError(f"ClickHouse's scorer holds `{right}`", do="revoke that right")
    return "writes scores and shares alone, and cannot read the world's truth"


def _postgres(role: connections.Role, target: connections.Target) -> Callable[[Settings], str]:
    def test(settings: Settings) -> str:
        with _session(settings, role=role, target=target) as connection:
            connection.execute(f"create table {_PROBE} (number int)")
            connection.rollback()
        return "creates tables"

    return test


def _publisher(target: connections.Target) -> Callable[[Settings], str]:
    def test(settings: Settings) -> str:
        from stir.publish.session import kept_settings, writer

        with writer(settings, target, purpose="settings") as connection:
            kept = kept_settings(connection)
        return f"keeps what the role or the database sets: {', '.join(kept)}" if kept else "nothing is set for it"

    return test


def _postgres_reader(settings: Settings) -> str:
    import psycopg

    attempts = (
        f"create table {_PROBE} (number int)",
        f"create schema {_PROBE}",
        f"create temporary table {_PROBE} (number int)",
        f"create role {_PROBE}",
    )
    with _session(settings, role="reader") as connection:
        for statement in attempts:
            try:
                connection.execute(statement)
            except psycopg.errors.InsufficientPrivilege:
                connection.rollback()
            else:
                connection.rollback()
                raise StirError(f"PostgreSQL's reader may `{statement}`", do="revoke that right")
        writable = connection.execute(
            "select oid::regclass::text from pg_class where relkind in ('r', 'p', 'v', 'm', 'f') and relnamespace"
            " not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)"
            " and has_table_privilege(oid, 'insert, update, delete, truncate') limit 1"
        ).fetchone()
    if writable:
        raise StirError(f"PostgreSQL's reader may write to {writable[0]}", do="revoke insert, update, delete, truncate")
    return "reads, and is refused every way of writing"


def _airflow_database(settings: Settings) -> str:
    import psycopg

    value = settings.airflow_database_url
    url = (value.get_secret_value() if value else "").replace("postgresql+psycopg2://", "postgresql://")
    with psycopg.connect(url, connect_timeout=5) as connection:
        connection.execute(f"create table {_PROBE} (number int)")
        connection.rollback()
    return "creates tables"


def _beat_database(settings: Settings) -> str:
    with connections.beat(settings, connect_timeout=5) as connection:
        connection.execute(f"create table {_PROBE} (number int)")
        connection.rollback()
    return "creates tables"


def _session(settings: Settings, **options: Any) -> Any:
    return connections.postgres(settings, connect_timeout=5, **options)


def clickhouse_clock(settings: Settings) -> float:
    """Seconds since 1970 by the server's clock."""
    rows = connections.clickhouse(settings).query("select toFloat64(now64(6))").result_rows
    return float(rows[0][0])


def postgres_clock(settings: Settings) -> float:
    """Seconds since 1970 by the server's clock."""
    with _session(settings) as connection:
        return float(connection.execute("select extract(epoch from clock_timestamp())").fetchone()[0])


CHECKS = (
    PermissionCheck("clickhouse", "ClickHouse writer", _clickhouse_writer),
    PermissionCheck("clickhouse", "ClickHouse to S3", _clickhouse_collection, ("s3_url",)),
    PermissionCheck("clickhouse", "ClickHouse reader", _clickhouse_reader, ("clickhouse_reader_url",)),
    PermissionCheck("clickhouse", "ClickHouse scorer", _clickhouse_scorer, ("clickhouse_scorer_url",)),
    PermissionCheck("postgres", "PostgreSQL writer", _postgres("writer", "prod")),
    PermissionCheck("postgres", "PostgreSQL staging writer", _postgres("writer", "staging"), ("postgres_staging_url",)),
    PermissionCheck("postgres", "Publisher's settings", _publisher("prod")),
    PermissionCheck("postgres", "Publisher's staging settings", _publisher("staging"), ("postgres_staging_url",)),
    PermissionCheck("postgres", "PostgreSQL reader", _postgres_reader, ("postgres_reader_url",)),
    PermissionCheck("postgres", "PostgreSQL admin", _postgres("admin", "prod"), ("postgres_admin_url",)),
    PermissionCheck("postgres", "Airflow's database", _airflow_database, ("airflow_database_url",)),
    PermissionCheck("postgres", "beat's database", _beat_database, ("beat_database_url",)),
    PermissionCheck(
        "s3", "S3 key", lambda settings: f"lists the bucket {settings.s3.path}" if LOGINS["s3"](settings) else ""
    ),
)
