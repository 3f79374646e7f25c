"""Prepares a loaded table for readers: indexes built in parallel, comments, grants, statistics."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import LiteralString

import psycopg
from psycopg import sql

from stir.errors import StirError
from stir.publish import ddl
from stir.publish.load.refused_values import longest_value
from stir.publish.progress import UNWATCHED, Observer
from stir.publish.session import writer
from stir.publish.state import PublishState
from stir.settings import Settings

PARALLEL = 2
"""Connections that build indexes at the same time."""
MEMORY = "128MB"
"""maintenance_work_mem of each."""
LONGEST_DETAIL = 300
"""Characters of PostgreSQL's message about a key, which may contain long values."""
ALONE = "set max_parallel_maintenance_workers = 0"
"""Rows arrive nearly in the key's order, and sorting them costs a third less without parallel workers."""


def index_statements(state: PublishState) -> list[tuple[sql.Composed, tuple[str, ...]]]:
    """Statements that may run in parallel, one per index, each with its columns; the key's first."""
    spec, name = state.spec, state.loaded
    return [
        (ddl.create_key_index(spec, name), spec.key),
        *((ddl.create_index(name, index), index.columns) for index in spec.indexes),
    ]


def statistics_statement(state: PublishState) -> sql.Composed:
    """Compute statistics, and freeze rows that are not frozen yet, because autovacuum is off."""
    work = "vacuum (freeze, analyze)" if state.loaded_xid else "analyze"
    return sql.SQL("{} {}").format(sql.SQL(work), ddl.stored(state.loaded))


def index(settings: Settings, state: PublishState, observer: Observer = UNWATCHED) -> PublishState:
    """Build the indexes, set the primary key, comments and grants, analyze.

    Raises:
        StirError: a key comes twice, or PostgreSQL refuses a value; names row and column.
    """
    # Statistics come first, because their lock conflicts with the lock of an index build.
    _run(settings, state, observer, statistics_statement(state))
    with ThreadPoolExecutor(PARALLEL, thread_name_prefix="index") as pool:
        (key, key_columns), *others = index_statements(state)
        futures = [pool.submit(_run, settings, state, observer, statement, columns) for statement, columns in others]
        futures.append(pool.submit(_run, settings, state, observer, key, key_columns, ALONE))
        for future in futures:
            future.result()
    with writer(settings, state.target, purpose=f"{state.name} index") as connection, connection.transaction():
        for statement in [ddl.adopt_key_index(state.loaded), *ddl.describe(state.spec, state.loaded)]:
            connection.execute(statement)
    observer.reached("indexed")
    return state


def _run(
    settings: Settings,
    state: PublishState,
    observer: Observer,
    statement: sql.Composed,
    columns: tuple[str, ...] = (),
    setting: LiteralString = "",
) -> None:
    with (
        observer.span("analyze, index"),
        writer(settings, state.target, purpose=f"{state.name} index") as connection,
    ):
        connection.execute(sql.SQL("set maintenance_work_mem = {}").format(sql.Literal(MEMORY)))
        if setting:
            connection.execute(setting)
        try:
            connection.execute(statement)
        except psycopg.errors.UniqueViolation as error:
            raise StirError(
                f"{state.mart} contains a key twice: {(error.diag.message_detail or '')[:LONGEST_DETAIL]}",
                where=f"{state.name}, {state.target}",
                do="correct the mart; readers keep what they have",
            ) from error
        except (psycopg.errors.ProgramLimitExceeded, psycopg.DataError, psycopg.IntegrityError) as error:
            raise StirError(
                f"PostgreSQL refuses to index {state.mart}: {longest_value(connection, state, columns)}"
                f" ({error.diag.message_primary})",
                where=f"{state.name}, {state.target}",
                do="bound that column in the mart; readers keep what they have",
            ) from error
