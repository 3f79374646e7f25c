"""Prepares a loaded table for readers: indexes built in parallel, comments, grants, statistics."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import LiteralString

import psycopg
from psycopg import sql

from stir.errors import StirError
from stir.publish import ddl, partitions
from stir.publish.ledger import generations
from stir.publish.load.refused_values import longest_value
from stir.publish.progress import UNWATCHED, Observer
from stir.publish.session import writer
from stir.publish.spec import PublishSpec
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


def index_statements(spec: PublishSpec, name: str) -> list[tuple[sql.Composed, tuple[str, ...]]]:
    """Statements that may run in parallel, one per index of a table, each with its columns; the key's first."""
    return [
        (ddl.create_key_index(spec, name), spec.key),
        *((ddl.create_index(name, index), index.columns) for index in spec.indexes),
    ]


def statistics_statement(state: PublishState, name: str) -> sql.Composed:
    """Compute statistics, and freeze rows that are not frozen yet, because autovacuum is off."""
    work = "vacuum (freeze, analyze)" if state.loaded_xid else "analyze"
    return sql.SQL("{} {}").format(sql.SQL(work), ddl.stored(name))


def index(settings: Settings, state: PublishState, observer: Observer = UNWATCHED) -> PublishState:
    """Build the indexes, set the primary key, comments and grants, analyze.

    Raises:
        StirError: a key comes twice, or PostgreSQL refuses a value; names row and column.
    """
    tables = [*partitions.loaded_tables(state).values()]
    with ThreadPoolExecutor(PARALLEL, thread_name_prefix="index") as pool:
        # Statistics come first, because their lock conflicts with the lock of an index build.
        list(pool.map(lambda name: _run(settings, state, observer, name, statistics_statement(state, name)), tables))
        futures = []
        for name in tables:
            (key, key_columns), *others = index_statements(state.spec, name)
            futures += [pool.submit(_run, settings, state, observer, name, *each) for each in others]
            futures.append(pool.submit(_run, settings, state, observer, name, key, key_columns, ALONE))
        for future in futures:
            future.result()
    with writer(settings, state.target, purpose=f"{state.name} index") as connection, connection.transaction():
        for name in tables:
            connection.execute(ddl.adopt_key_index(name))
        for statement in _for_readers(connection, state):
            connection.execute(statement)
    observer.reached("indexed")
    return state


def _for_readers(connection: psycopg.Connection, state: PublishState) -> list[sql.Composed]:
    """What makes the loaded table fit for readers. They never use the table of a month, but the one above it."""
    spec = state.spec
    if spec.mode != "partition":
        return ddl.describe(spec, state.loaded)
    live = generations.live(connection, spec)
    if partitions.can_exchange(connection, spec, live):
        return []
    return partitions.parent_statements(spec, state.loaded, partitions.loaded_tables(state))


def _run(
    settings: Settings,
    state: PublishState,
    observer: Observer,
    name: str,
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
                f"PostgreSQL refuses to index {state.mart}: {longest_value(connection, state.spec, name, columns)}"
                f" ({error.diag.message_primary})",
                where=f"{state.name}, {state.target}",
                do="bound that column in the mart; readers keep what they have",
            ) from error
