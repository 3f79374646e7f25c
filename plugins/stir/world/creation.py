"""Creates a world and lets time pass in it.

Every row of a source table is a closed form of (seed, creator, time) and carries its ingestion time. `make` inserts
the rows ingested up to the end, `advance` those ingested after it and up to the new end; nothing else changes.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import replace as changed
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from stir import connections
from stir.errors import StirError
from stir.settings import Settings
from stir.sources import ddl
from stir.sources.contract import contracts
from stir.sources.tables import TABLES, quoted
from stir.world import statements
from stir.world.history import WorldState, made_by, read_state, record, require_world
from stir.world.parameters import LATEST_END, WorldParameters
from stir.world.statements import Statement

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

ORDER_HISTORY = "link_order_history"
"""Totals that the warehouse keeps and the sources forget (macros/collection/record_link_orders.sql)."""

CHUNK = 50_000
"""Creators per insert. A failed insert loses only their rows. Memory does not depend on it, but planning an insert
takes a tenth of a second of processor time."""

BLOCK = 500_000_000
"""Most bytes that an insert collects before it writes a part; fewer parts leave less to merge."""

WORKERS = 2
"""Inserts at once."""

HOURS_LIMIT = 24 * 366

EPOCH = datetime.fromtimestamp(0, UTC)

Progress = Callable[[str, int, int], None]
"""Called with a table, the creators done in it and the number of creators."""


def _silent(table: str, done: int, total: int) -> None:
    """No progress shown."""


def make(
    settings: Settings, parameters: WorldParameters, *, replace: bool = False, progress: Progress = _silent
) -> bool:
    """Create the world of the parameters; False if it exists. A world of older SQL is created again.

    Raises:
        StirError: another world stands, or source tables that no world filled, and `replace` is not set.
    """
    client = connections.clickhouse(settings)
    standing = read_state(client)
    is_same = standing is not None and standing.is_of(parameters)
    if standing and is_same and standing.state != "making" and made_by(client) == statements.fingerprint():
        _undo(settings, standing)
        return False
    if not (replace or is_same):
        _refuse_to_replace(client, standing)
    goal = WorldState("making", parameters.seed, parameters.creators, parameters.start, parameters.end, parameters.end)
    _create(client, goal)
    # It belongs to the previous world, in the database of any developer.
    known = "select database from system.tables where name = {table:String}"
    for (database,) in client.query(known, parameters={"table": ORDER_HISTORY}).result_rows:
        client.command(f"drop table {connections.quoted_table(database, ORDER_HISTORY)} sync")
    for name in ("creator", "account"):
        _fill(settings, statements.read("latent", name), goal, EPOCH, progress)
    _fill_all(settings, goal, EPOCH, progress)
    record(client, changed(goal, state="ready"))
    return True


def advance(settings: Settings, hours: int, *, progress: Progress = _silent) -> datetime:
    """Insert what is ingested in the next `hours` hours of the world, and nothing else; the new end.

    An advance that was interrupted is undone first.

    Raises:
        StirError: no whole world stands, or the hours are out of bounds.
    """
    if not 1 <= hours <= HOURS_LIMIT:
        raise StirError(f"hours {hours} is out of bounds", where="--hours", do=f"give 1 to {HOURS_LIMIT}")
    client = connections.clickhouse(settings)
    standing = require_world(client, whole=False)
    _undo(settings, standing)
    until = standing.end + timedelta(hours=hours)
    if until > LATEST_END:
        raise StirError(f"the world cannot go beyond {LATEST_END:%Y-%m-%d}", do="make one that ends earlier")
    step = changed(standing, state="advancing", until=until)
    record(client, step)
    _fill_all(settings, step, standing.end, progress)
    record(client, changed(step, state="ready", end=until))
    return until


def _refuse_to_replace(client: Client, standing: WorldState | None) -> None:
    if standing is None:
        names = [table.name for table in TABLES]
        found = client.query(
            "select concat(database, '.', name) as table_name from system.tables"
            " where table_name in {names:Array(String)} and total_rows > 0 order by table_name limit 1",
            parameters={"names": names},
        ).result_rows
        if found:
            raise StirError(
                "the source tables hold rows that are not from a synthetic world",
                where=str(found[0][0]),
                do="use `--replace` to drop them, or set STIR_CLICKHOUSE_URL to another server",
            )
    elif standing.state != "making":
        raise StirError(
            f"another world exists: {standing.creators} creators from {standing.start:%Y-%m-%d} to"
            f" {standing.end:%Y-%m-%d %H:%M}, seed {standing.seed}",
            do="use `--replace` to create the new one instead",
        )


def _create(client: Client, goal: WorldState) -> None:
    """Create all tables empty, with the functions and views of this version, and mark the creation as unfinished."""
    database, parameters, *latent = statements.read("latent", "tables")
    client.command(database.sql)
    client.command(parameters.sql)
    record(client, goal)
    for statement in latent:
        if statement.table:
            client.command(f"drop table if exists {quoted(statement.table)} sync")
        client.command(statement.sql)
    for database_of_sources in ddl.databases():
        client.command(database_of_sources)
    for contract in contracts():
        client.command(f"drop table if exists {quoted(contract.name)} sync")
        client.command(ddl.create_table(contract))
    client.insert("world.version", [[statements.fingerprint()]], column_names=["fingerprint"])
    views = [("latent", name) for name in statements.LATENT] + [("planted", "entities")]
    for folder, name in views:
        for statement in statements.read(folder, name):
            client.command(statement.sql)


def _undo(settings: Settings, standing: WorldState) -> None:
    """Remove the rows of an advance that did not end."""
    if standing.state != "advancing":
        return
    client = connections.clickhouse(settings)
    for table in TABLES:
        if table.ingested:
            client.command(
                f"alter table {table.quoted} delete where {table.ingested} > {{end:DateTime('UTC')}}",
                parameters={"end": standing.end},
                settings={"mutations_sync": 2},
            )
        elif table.kind == "event":
            client.command(f"truncate table {table.quoted}")
            inserts = tuple(statement for statement in _inserts(statements.FILL) if statement.table == table.name)
            _fill(settings, inserts, changed(standing, until=standing.end), EPOCH, _silent)
    record(client, changed(standing, state="ready", until=standing.end))


def _inserts(files: tuple[str, ...]) -> tuple[Statement, ...]:
    return tuple(statement for name in files for statement in statements.read("fill", name))


def _fill_all(settings: Settings, step: WorldState, after: datetime, progress: Progress) -> None:
    for files in (statements.FILL, statements.COPIES):
        _fill(settings, _inserts(files), step, after, progress)


def _chunks(creators: int) -> Iterator[tuple[int, int]]:
    for first in range(0, creators, CHUNK):
        yield first, min(first + CHUNK, creators)


def _fill(
    settings: Settings, inserts: tuple[Statement, ...], step: WorldState, after: datetime, progress: Progress
) -> None:
    """Run the inserts for the ingestion times (after, step.until], a chunk of creators at a time."""
    client = connections.clickhouse(settings)
    mark = f"world-{uuid.uuid4()}"

    def run(number: int, statement: Statement, first: int, last: int) -> None:
        client.command(
            statement.sql,
            parameters={
                **step.bounds(),
                "creators": step.creators,
                "first": first,
                "last": last,
                "after": int(after.timestamp()),
                "until": int(step.until.timestamp()),
                # Seconds between two new collections: five a quarter and one more for every forty creators.
                "rhythm": 7_776_000 // (5 + step.creators // 40),
            },
            settings={
                "query_id": f"{mark}-{number}-{first}",
                "max_memory_usage": settings.clickhouse_query_memory,
                # One account becomes hundreds of rows: small blocks keep what is in flight small.
                "max_block_size": 256,
                # Evaluated only where they are needed, the branches of the JSON texts are copied row by row: twice the
                # processor and five times the memory of evaluating them all.
                "short_circuit_function_evaluation": "disable",
                "min_insert_block_size_rows": 0,
                "min_insert_block_size_bytes": min(BLOCK, settings.clickhouse_query_memory // 8),
                "max_partitions_per_insert_block": 1000,
                "join_use_nulls": 0,
            },
        )
        progress(statement.table, last, step.creators)

    with ThreadPoolExecutor(WORKERS) as pool:
        jobs = [
            pool.submit(run, number, statement, first, last)
            for number, statement in enumerate(inserts)
            for first, last in _chunks(step.creators)
        ]
        try:
            for job in wait(jobs, return_when=FIRST_EXCEPTION).done:
                job.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            with contextlib.suppress(Exception):  # the server itself may be what failed
                client.command("kill query where query_id like {mark:String} async", parameters={"mark": f"{mark}-%"})
            raise
