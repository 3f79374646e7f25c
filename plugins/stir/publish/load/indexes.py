"""What makes a loaded table fit for readers: indexes built in parallel, comments, grants, statistics."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import LiteralString

import psycopg
from psycopg import sql

from stir.errors import StirError
from stir.publish import ddl
from stir.publish.boundary import reached
from stir.publish.progress import UNWATCHED, Observer
from stir.publish.session import writer
from stir.publish.state import PublishState
from stir.settings import Settings

PARALLEL = 2
"""Connections that build indexes at the same time."""
MEMORY = "128MB"
"""maintenance_work_mem of each."""
ALONE = "set max_parallel_maintenance_workers = 0"
"""Rows come nearly in the key's order, and sorting what is sorted already costs a third less without helpers."""


def index_statements(state: PublishState) -> list[sql.Composed]:
    """Statements that may run beside each other: one per index."""
    spec, name = state.spec, state.loaded
    return [
        ddl.create_key_index(spec, name),
        *(ddl.create_index(name, index) for index in spec.indexes),
    ]


def statistics_statement(state: PublishState) -> sql.Composed:
    """Statistics; and where rows are not frozen yet, freeze them now, for vacuum never comes by itself."""
    work = "vacuum (freeze, analyze)" if state.loaded_xid else "analyze"
    return sql.SQL("{} {}").format(sql.SQL(work), ddl.stored(state.loaded))


def index(settings: Settings, state: PublishState, observer: Observer = UNWATCHED) -> PublishState:
    """Build the indexes, set the primary key, comments and grants, analyze.

    Raises:
        StirError: a key comes twice.
    """
    # First the statistics: their lock and that of an index being built exclude each other.
    _run(settings, state, statistics_statement(state))
    with ThreadPoolExecutor(PARALLEL, thread_name_prefix="index") as pool:
        key, *others = index_statements(state)
        futures = [pool.submit(_run, settings, state, statement) for statement in others]
        futures.append(pool.submit(_run, settings, state, key, ALONE))
        for future in futures:
            future.result()
    with writer(settings, state.target, purpose=f"{state.name} index") as connection, connection.transaction():
        for statement in [ddl.adopt_key_index(state.loaded), *ddl.describe(state.spec, state.loaded)]:
            connection.execute(statement)
    reached("indexed")
    return state


def _run(settings: Settings, state: PublishState, statement: sql.Composed, setting: LiteralString = "") -> None:
    with writer(settings, state.target, purpose=f"{state.name} index") as connection:
        connection.execute(sql.SQL("set maintenance_work_mem = {}").format(sql.Literal(MEMORY)))
        if setting:
            connection.execute(setting)
        try:
            connection.execute(statement)
        except psycopg.errors.UniqueViolation as error:
            raise StirError(
                f"{state.mart} has a key twice: {error.diag.message_detail}",
                where=f"{state.name}, {state.target}",
                do="correct the mart; readers keep what they have",
            ) from error
