"""Leases: only one run may publish a table at a time. A live session or a time limit proves that the run is alive.

A lease avoids useless parallel work; correctness does not depend on it. A run whose lease was taken over is refused at
the swap, and a generation number can be used only once.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString

import psycopg
from psycopg.rows import class_row

from stir.errors import StirError
from stir.publish.spec import PublishSpec

BETWEEN_STEPS = timedelta(minutes=15)
"""How long a run without its own process, as in Airflow, keeps its lease between two steps."""

_ALIVE: LiteralString = """(
    run.ended_at is null
    and (
        run.expires_at > clock_timestamp()
        or exists (
            select from pg_stat_activity
            where pg_stat_activity.pid = run.keeper_pid and pg_stat_activity.backend_start = run.keeper_start
        )
    )
)"""


@dataclass(frozen=True)
class Run:
    """A run in the ledger. `alive`: its keeper's session is there, or its time is not up."""

    run_id: str
    table_name: str
    token: str
    started_at: datetime
    expires_at: datetime | None
    outcome: str | None
    alive: bool


def take(connection: psycopg.Connection, spec: PublishSpec, run_id: str, *, keep: bool, take_over: bool = False) -> Run:
    """Register the run and take the table's lease; the same run may take it again.

    Args:
        keep: the lease lives as long as this connection; otherwise as long as its steps, and BETWEEN_STEPS after each.
        take_over: take it even from a run that is alive; that run will be refused at its swap.

    Raises:
        StirError: another run that is alive holds the lease.
    """
    with connection.transaction():
        connection.execute(
            "insert into stir.lease (table_name) values (%s) on conflict (table_name) do nothing", [spec.table]
        )
        connection.execute("select from stir.lease where table_name = %s for update", [spec.table])
        holder = _holder(connection, spec)
        if holder and holder.run_id != run_id and holder.alive and not take_over:
            until = f" until {holder.expires_at:%F %T %Z} at the latest" if holder.expires_at else ""
            raise StirError(
                f"{spec.name} is being published by run {holder.run_id} since {holder.started_at:%F %T %Z}{until}",
                do="wait for it, or replace it with --take-over",
            )
        connection.execute(
            """
            insert into stir.run (run_id, table_name, token) values (%s, %s, %s)
            on conflict (run_id) do update set ended_at = null, outcome = null, tidied_at = null
            """,
            [run_id, spec.table, secrets.token_hex(4)],
        )
        _keep(connection, run_id)
        if keep:
            connection.execute("update stir.run set expires_at = null where run_id = %s", [run_id])
        connection.execute("update stir.lease set run_id = %s where table_name = %s", [run_id, spec.table])
        run = _holder(connection, spec)
        if run is None or run.table_name != spec.table:
            raise StirError(f"run id {run_id} was used for another table", do="use a new run id")
        return run


def check(connection: psycopg.Connection, spec: PublishSpec, run_id: str) -> None:
    """Make sure the run still holds the lease, and lock it until the transaction ends.

    Raises:
        StirError: another run has taken it over.
    """
    held = connection.execute("select run_id from stir.lease where table_name = %s for update", [spec.table]).fetchone()
    if held != (run_id,):
        holder = held[0] if held else None
        raise StirError(
            f"run {run_id} no longer holds {spec.name}",
            do=f"nothing, because run {holder} publishes now"
            if holder
            else "begin again; in Airflow, clear it from `export` on",
        )


@contextmanager
def during_step(connection: psycopg.Connection, spec: PublishSpec, run_id: str) -> Iterator[None]:
    """Hold the lease while a step runs, through this connection, and for BETWEEN_STEPS after it.

    A run that keeps a connection of its own needs no more than the check.

    Raises:
        StirError: another run has taken it over.
    """
    with connection.transaction():
        check(connection, spec, run_id)
        _keep(connection, run_id, unless_kept=True)
    yield
    if not connection.broken:
        connection.execute(
            "update stir.run set expires_at = clock_timestamp() + %s where run_id = %s and expires_at is not null",
            [BETWEEN_STEPS, run_id],
        )


def end(connection: psycopg.Connection, spec: PublishSpec, run_id: str, outcome: str) -> None:
    """Release the lease and record how the run ended."""
    with connection.transaction():
        connection.execute(
            "update stir.lease set run_id = null where table_name = %s and run_id = %s", [spec.table, run_id]
        )
        connection.execute(
            "update stir.run set ended_at = clock_timestamp(), outcome = %s where run_id = %s", [outcome, run_id]
        )


def runs_to_clean_up(connection: psycopg.Connection, spec: PublishSpec) -> Sequence[Run]:
    """Runs of a table that may have left something, oldest first."""
    with connection.cursor(row_factory=class_row(Run)) as cursor:
        cursor.execute(
            f"""
            select run_id, table_name, token, started_at, expires_at, outcome, {_ALIVE} as alive
            from stir.run where table_name = %s and tidied_at is null order by started_at
            """,
            [spec.table],
        )
        return cursor.fetchall()


def record_cleaned_up(connection: psycopg.Connection, run_id: str) -> None:
    """Record that nothing of a run is left."""
    connection.execute("update stir.run set tidied_at = clock_timestamp() where run_id = %s", [run_id])


def _keep(connection: psycopg.Connection, run_id: str, *, unless_kept: bool = False) -> None:
    """Let the lease live as long as this connection, and BETWEEN_STEPS more."""
    connection.execute(
        """
        update stir.run set expires_at = clock_timestamp() + %s, (keeper_pid, keeper_start) = (
            select pid, backend_start from pg_stat_activity where pid = pg_backend_pid()
        )
        where run_id = %s and (expires_at is not null or not %s)
        """,
        [BETWEEN_STEPS, run_id, unless_kept],
    )


def _holder(connection: psycopg.Connection, spec: PublishSpec) -> Run | None:
    with connection.cursor(row_factory=class_row(Run)) as cursor:
        cursor.execute(
            f"""
            select run.run_id, run.table_name, run.token, run.started_at, run.expires_at, run.outcome, {_ALIVE} as alive
            from stir.lease join stir.run using (run_id) where lease.table_name = %s
            """,
            [spec.table],
        )
        return cursor.fetchone()
