"""Clients of the three services, created from the settings. A driver is imported when its first client is created."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from stir.addresses import WEB_PORTS, Endpoint
from stir.errors import StirError
from stir.settings import Settings

if TYPE_CHECKING:
    import psycopg
    from clickhouse_connect.driver.client import Client
    from mypy_boto3_s3 import S3Client

Role = Literal["writer", "reader", "admin"]
Target = Literal["prod", "staging"]


def clickhouse(
    settings: Settings,
    *,
    role: Literal["writer", "reader", "scorer"] = "writer",
    database: str | None = None,
    **query_settings: Any,
) -> Client:
    """A ClickHouse client without a server-side session, so that threads may share it.

    `database` resolves unqualified names. A query of writer and scorer may use STIR_CLICKHOUSE_QUERY_MEMORY unless
    `query_settings` say otherwise. The server limits the queries of the reader. Source tables remember the tokens of
    inserts (stir.sources.ddl); an insert that does not ask for it is never taken for a repetition of an equal one.

    Raises:
        clickhouse_connect.driver.exceptions.DatabaseError: the server is away or refuses the credentials.
    """
    import clickhouse_connect

    endpoint = {
        "writer": lambda: settings.clickhouse,
        "reader": lambda: settings.clickhouse_reader,
        "scorer": lambda: _scorer(settings),
    }[role]()
    if role != "reader":
        query_settings = {
            "max_memory_usage": settings.clickhouse_query_memory,
            "insert_deduplicate": 0,
            **query_settings,
        }
    return clickhouse_connect.get_client(
        host=endpoint.host,
        port=endpoint.port,
        username=endpoint.user,
        password=endpoint.password,
        secure=endpoint.secure,
        database=database,
        autogenerate_session_id=False,
        settings=query_settings or None,
    )


def _scorer(settings: Settings) -> Endpoint:
    """ClickHouse as the scorer of followers; as the writer where no scorer is configured."""
    url = settings.clickhouse_scorer_url
    return Endpoint(url.get_secret_value(), WEB_PORTS) if url else settings.clickhouse


def quoted_table(database: str, table: str) -> str:
    """The name of a ClickHouse table for use in SQL."""
    from clickhouse_connect.driver.binding import quote_identifier

    return f"{quote_identifier(database)}.{quote_identifier(table)}"


_NAME = r"(?:`[^`]*`|'[^']*'|[\w.]+)+"
_MISSING = re.compile(rf"Code: (?:60|81)\. DB::Exception: .*?(?:identifier |Table |Database )({_NAME})")
"""ClickHouse's two errors about a table and a database that do not exist."""


def missing_table(error: BaseException) -> StirError | None:
    """The error to show if ClickHouse's error says that a table or database does not exist; None for other errors."""
    found = _MISSING.search(str(error))
    if found is None:
        return None
    name = found[1].strip("`'")
    return StirError(
        f"{name} does not exist: the warehouse has not been built yet",
        where="ClickHouse",
        do="build it with `./stir dbt build`; if there are no sources either, run `./stir world make` first",
    )


@contextmanager
def expecting_a_built_warehouse() -> Iterator[None]:
    """Report a missing table in one clear line. Use it around code that reads models or sources.

    Raises:
        StirError: a table or a database does not exist.
    """
    try:
        yield
    except Exception as error:
        if reason := missing_table(error):
            raise reason from error
        raise


def postgres(
    settings: Settings, *, role: Role = "writer", target: Target = "prod", **options: Any
) -> psycopg.Connection:
    """A PostgreSQL connection; `options` go to psycopg.connect.

    Raises:
        psycopg.OperationalError: the server is away or refuses the credentials.
    """
    import psycopg

    options.setdefault("application_name", "stir")
    options.setdefault("connect_timeout", 10)
    return psycopg.connect(settings.postgres_dsn(role, target), **options)


def beat(settings: Settings, **options: Any) -> psycopg.Connection:
    """A connection to beat's database, where the scrape queue lives; `options` go to psycopg.connect.

    Raises:
        psycopg.OperationalError: the server is away or refuses the credentials.
    """
    import psycopg

    options.setdefault("application_name", "stir")
    options.setdefault("connect_timeout", 10)
    return psycopg.connect(settings.beat_dsn(), **options)


def table_exists(connection: psycopg.Connection, name: str) -> bool:
    """Whether the table `schema.table`, or `table` on the search path, exists at this moment.

    `to_regclass` may return what the connection cached before it waited for a lock.
    """
    schema, _, table = name.rpartition(".")
    found = connection.execute(
        "select exists (select from pg_catalog.pg_tables where tablename = %(table)s and schemaname = "
        "any(case when %(schema)s = '' then current_schemas(false) else array[%(schema)s]::name[] end))",
        {"table": table, "schema": schema},
    ).fetchone()
    return found == (True,)


def s3(settings: Settings) -> S3Client:
    """An S3 client with path-style addresses and v4 signatures; the bucket is `settings.s3.path`."""
    import boto3
    from botocore.config import Config

    endpoint = settings.s3
    return boto3.client(
        "s3",
        endpoint_url=f"{endpoint.scheme}://{endpoint.host}:{endpoint.port}",
        aws_access_key_id=endpoint.user,
        aws_secret_access_key=endpoint.password,
        region_name="us-east-1",
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )
