"""Removes left-overs of this run and of dead ones: clones in ClickHouse, objects in S3, tables in PostgreSQL.

Every run records its token in `stir.run` before it creates anything, and all names that it creates begin with it. So
the cleanup never guesses, and cannot remove objects of others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from psycopg import errors, sql

from stir import connections
from stir.attempts import Attempts
from stir.connections import Target
from stir.errors import StirError
from stir.publish import ddl
from stir.publish.export import objects
from stir.publish.export.parts import query_prefix
from stir.publish.export.snapshot import snapshot_database, snapshot_prefix
from stir.publish.ledger import generations, leases
from stir.publish.load import ssh
from stir.publish.progress import UNWATCHED, Observer
from stir.publish.session import writer
from stir.publish.spec import PublishSpec
from stir.publish.state import PublishState, run_prefix
from stir.publish.swap.modes import bring_home
from stir.settings import Settings

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client


def clean_up(settings: Settings, state: PublishState, observer: Observer = UNWATCHED) -> PublishState:
    """Release the lease and remove left-overs. Run it last, also after a failure.

    It keeps the live generation, as many earlier ones as the spec says, and the objects of the live one. If a reader
    still uses a table, the next run removes it.

    Raises:
        StirError: some left-overs could not be removed; all others are removed.
    """
    spec = state.spec
    with writer(settings, state.target, purpose=f"{state.name} tidy") as connection:
        if state.outcome == "unchanged":
            generations.confirm(connection, state)
        leases.end(connection, spec, state.run_id, state.outcome or "failed")
        with observer.span("tidy"):
            troubles = collect(settings, connection, spec, state.target)
    observer.reached("cleaned up")
    if troubles:
        raise StirError(
            f"{len(troubles)} left-overs of {state.name} could not be removed: {'; '.join(troubles)}",
            do="remove what blocks them; the next publish tries again; the published table is not affected",
        )
    return state


def collect(settings: Settings, connection: psycopg.Connection, spec: PublishSpec, target: Target) -> list[str]:
    """Remove left-overs of this table's runs, except live runs; returns those that could not be removed, with reasons.

    Each left-over is tried separately, so that one failure (a table that a view reads, a locked object, a host that
    is away) does not block the others.
    """
    attempts = Attempts()
    bring_home(connection, spec, attempts)
    history = generations.history(connection, spec)
    live = history[-1] if history else None
    keep = _kept(spec, history)
    client, s3 = connections.clickhouse(settings), connections.s3(settings)
    dead = [run for run in leases.runs_to_clean_up(connection, spec) if not run.alive]
    for run in dead:  # views first: they read tables of other runs
        _drop_stored(connection, spec, run.token, keep, attempts, kinds="v")
    for run in dead:
        before = len(attempts.troubles)
        is_live = live is not None and any(
            item.run_id == run.run_id and item.content == live.content for item in history
        )
        if settings.publish_transport == "ssh":
            with attempts.on("jobs on the PostgreSQL host", once=True):
                ssh.stop(settings, spec, target, run.token)
        _drop_snapshots(settings, client, spec, target, run.token, attempts)
        if not is_live and run.outcome not in ("unchanged", "held"):
            prefix = run_prefix(target, spec.name, run.token)
            with attempts.on(f"objects in S3 below {prefix}"):
                objects.remove_all(s3, settings.s3.path, prefix)
        gone = _drop_stored(connection, spec, run.token, keep, attempts)
        if len(attempts.troubles) > before or not gone or is_live:
            continue
        if not any(item.run_id == run.run_id and item.stored_as in keep for item in history):
            leases.record_cleaned_up(connection, run.run_id)
    return attempts.troubles


def _kept(spec: PublishSpec, history: list[generations.Generation]) -> set[str]:
    """Stored names that must stay: the live rows, and the newest others that still have theirs."""
    if not history:
        return set()
    live = history[-1]
    others = {item.content: item for item in history if item.kept and item.content != live.content}
    stay = [live, *(others[content] for content in sorted(others, reverse=True)[: spec.keep])]
    return {name for item in stay for name in (item.stored_as, *item.partitions.values())}


def _drop_snapshots(
    settings: Settings, client: Client, spec: PublishSpec, target: Target, token: str, attempts: Attempts
) -> None:
    with attempts.on("exports in ClickHouse", once=True):
        client.command(
            "kill query where startsWith(query_id, {prefix:String}) sync", parameters={"prefix": query_prefix(token)}
        )
    database = snapshot_database(settings)
    found = client.query(
        "select name from system.tables where database = {database:String} and startsWith(name, {prefix:String})",
        parameters={"database": database, "prefix": snapshot_prefix(target, spec.mart_of(target), token)},
    )
    for (name,) in found.result_rows:
        with attempts.on(f"ClickHouse table {database}.{name}"):
            client.command(f"drop table if exists {connections.quoted_table(database, name)} sync")


def _drop_stored(
    connection: psycopg.Connection,
    spec: PublishSpec,
    token: str,
    keep: set[str],
    attempts: Attempts,
    kinds: str = "vpr",
) -> bool:
    """Drop what a run stored and is not kept; False if something of it is left, kept or held by a reader.

    A partitioned table goes before its partitions, and stays, with all of them, as long as one of them must.
    """
    found = connection.execute(
        """
        with whole as (
            select distinct inhparent as oid from pg_inherits join pg_class as month on month.oid = inhrelid
            where month.relnamespace = 'stir'::regnamespace and month.relname = any(%(keep)s)
        )
        select relname, relkind::text, relname = any(%(keep)s) or stored.oid in (select oid from whole) or exists (
            select from pg_inherits where inhrelid = stored.oid and inhparent in (select oid from whole)
        )
        from pg_class as stored join pg_namespace on pg_namespace.oid = relnamespace
        where nspname = 'stir' and position(relkind::text in %(kinds)s) > 0 and starts_with(relname, %(prefix)s)
        order by position(relkind::text in %(kinds)s)
        """,
        {"keep": [*keep], "prefix": spec.stored_name(token), "kinds": kinds},
    ).fetchall()
    gone = True
    for name, kind, stays in found:
        if stays:
            gone = False
            continue
        what = "view" if kind == "v" else "table"
        try:
            with attempts.on(f"PostgreSQL {what} stir.{name}", but=errors.LockNotAvailable), connection.transaction():
                connection.execute("set local lock_timeout = '100ms'")
                connection.execute(sql.SQL("drop {} if exists {}").format(sql.SQL(what), ddl.stored(name)))
        except errors.LockNotAvailable:
            gone = False
    return gone
