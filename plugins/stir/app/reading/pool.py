"""Connections of the application: read-only, bounded in time, and of a role that cannot write."""

from __future__ import annotations

import psycopg
from psycopg_pool import AsyncConnectionPool

from stir.errors import StirError
from stir.settings import Settings

STATEMENT_SECONDS = 2
ACQUIRE_SECONDS = 2.0
"""How long a request waits for a free connection before it answers 503."""
OPTIONS = " ".join(
    f"-c {name}={value}"
    for name, value in {
        "default_transaction_read_only": "on",
        "statement_timeout": f"{STATEMENT_SECONDS}s",
        "lock_timeout": "500ms",
        "idle_in_transaction_session_timeout": "5s",
        "plan_cache_mode": "force_generic_plan",
    }.items()
)

_WRITABLE = """
select coalesce(max(relation.oid::regclass::text), '')
from pg_catalog.pg_class as relation
where relation.relkind in ('r', 'p') and relation.relnamespace in ('public'::regnamespace, to_regnamespace('stir'))
    and has_table_privilege(relation.oid, 'insert, update, delete, truncate')
"""


def create_pool(settings: Settings, connections: int) -> AsyncConnectionPool:
    """A closed pool of at most `connections` autocommit connections of the reader.

    A statement that comes again is prepared, with one plan for all values: what a filter changes in a plan is in the
    statement's text (statement.py). After a swap the server takes the table by its name again: the plan of before is
    invalid from the moment that its lock on the table is granted, and is made once more before it is executed.

    Raises:
        StirError: no reader is configured.
    """
    return AsyncConnectionPool(
        settings.postgres_dsn("reader"),
        kwargs={
            "autocommit": True,
            "options": OPTIONS,
            "application_name": "stir-app",
            "connect_timeout": 5,
            "prepare_threshold": 1,
        },
        min_size=1,
        max_size=connections,
        timeout=ACQUIRE_SECONDS,
        open=False,
    )


def refuse_a_writer(settings: Settings) -> None:
    """Check that the configured reader can read only.

    Raises:
        StirError: the role may write to a published table.
        psycopg.OperationalError: the server is away or refuses the credentials.
    """
    with psycopg.connect(settings.postgres_dsn("reader"), connect_timeout=5, autocommit=True) as connection:
        row, user = connection.execute(_WRITABLE).fetchone(), connection.info.user
    if row and row[0]:
        raise StirError(
            f"the application's role {user} may write to {row[0]}",
            where="STIR_POSTGRES_READER_URL",
            do="give it a role that is granted SELECT only",
        )
