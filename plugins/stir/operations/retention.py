"""Retention: finds data that is no longer needed and removes it. The settings give an age for each kind.

A sweep looks only where stir itself writes, and keeps everything that a running run may need.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from stir import connections
from stir.attempts import Attempts
from stir.connections import Target
from stir.database import prepare
from stir.ingest import quarantine
from stir.object_store import list_objects, remove_objects
from stir.settings import Settings

BATCH = 5_000
NAMED = 10
BACKFILL_DAYS = 30
"""So long a backfill can be undone."""


@dataclass(frozen=True)
class Find:
    """The result of one sweep: the count, the bytes if they are known, and the first names."""

    sweep: str
    count: int
    size: int
    names: tuple[str, ...]
    troubles: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        named = f": {', '.join(self.names[:NAMED])}{' ...' if self.count > NAMED else ''}" if self.count else ""
        stays = f"; could not remove {'; '.join(self.troubles)}" if self.troubles else ""
        return f"{self.sweep}: {self.count:,} ({self.size:,} bytes){named}{stays}"


@dataclass(frozen=True)
class Sweep:
    """One kind of left-overs. `look(settings, remove)` finds them, and removes them if `remove` is set."""

    name: str
    look: Callable[[Settings, bool], Find]


def survey(settings: Settings) -> list[Find]:
    """The dry run: find what would be removed. A server that is away raises its driver's error."""
    prepare(settings)
    return [sweep.look(settings, False) for sweep in SWEEPS]


def remove(settings: Settings) -> list[Find]:
    """Remove what a survey finds. It is no error if another run has removed something meanwhile.

    Each sweep and each item in it is tried separately; `troubles` of a find name the items that could not be removed.
    """
    prepare(settings)
    return [_remove(settings, sweep) for sweep in SWEEPS]


def _remove(settings: Settings, sweep: Sweep) -> Find:
    try:
        return sweep.look(settings, True)
    except Exception as error:
        return Find(sweep.name, 0, 0, (), (str(error).strip().partition("\n")[0] or type(error).__name__,))


def _before(days: float) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


def _find(sweep: str, found: Sequence[tuple[str, int]], troubles: Sequence[str] = ()) -> Find:
    names = tuple(name for name, _ in found[:NAMED])
    return Find(sweep, len(found), sum(size for _, size in found), names, tuple(troubles))


def _objects(settings: Settings, prefix: str, before: datetime) -> Iterator[tuple[str, int]]:
    for item in list_objects(connections.s3(settings), settings.s3.path, prefix):
        if item.changed_at < before:
            yield item.key, item.size


def _remove_objects(settings: Settings, found: Sequence[tuple[str, int]]) -> list[str]:
    return remove_objects(connections.s3(settings), settings.s3.path, (key for key, _ in found))


def _artifacts(settings: Settings, go: bool) -> Find:
    found = list(_objects(settings, "artifacts/", _before(settings.keep_artifacts_days)))
    troubles = _remove_objects(settings, found) if go else []
    return _find("dbt artifacts in S3", found, troubles)


def _exports(settings: Settings, go: bool) -> Find:
    """Exports of runs that are in no target's ledger. Publishes remove the exports of known runs themselves."""
    known: set[str] = set()
    targets: tuple[Target, ...] = ("prod", "staging")
    for target in targets:
        with connections.postgres(settings, target=target) as connection:
            if connections.table_exists(connection, "stir.run"):
                known |= {str(row[0]) for row in connection.execute("select token from stir.run")}
    found = [
        (key, size)
        for key, size in _objects(settings, "publish/", _before(settings.keep_exports_days))
        if len(parts := key.split("/")) > 3 and parts[3] not in known
    ]
    troubles = _remove_objects(settings, found) if go else []
    return _find("exports in S3 that no run knows", found, troubles)


def _generations(settings: Settings, go: bool) -> Find:
    """Tables, clones and objects of ended publishes that their cleanup could not remove."""
    from stir.publish import SPECS
    from stir.publish.cleanup import collect
    from stir.publish.ledger.generations import history
    from stir.publish.ledger.leases import runs_to_clean_up
    from stir.publish.session import writer

    found: list[tuple[str, int]] = []
    attempts = Attempts()
    targets: tuple[Target, ...] = ("prod", "staging")
    for target in targets:
        with writer(settings, target, purpose="retention") as connection:
            if not connections.table_exists(connection, "stir.lease"):
                continue
            for spec in SPECS.values():
                kept = {item.run_id for item in history(connection, spec) if item.kept}
                found += [
                    (f"{target}.{run.run_id}", 0)
                    for run in runs_to_clean_up(connection, spec)
                    if not run.alive and run.run_id not in kept
                ]
                if go:
                    with attempts.on(f"left-overs of {spec.name}, {target}"):
                        attempts.troubles += collect(settings, connection, spec, target)
    return _find("publish runs that left something", found, attempts.troubles)


def _backfills(settings: Settings, go: bool) -> Find:
    """What backfills replaced: of one that was swapped long ago, and of one that needs it no more."""
    from stir.operations.backfill import record, tables
    from stir.operations.backfill.run import listed

    warehouse, before = settings.clickhouse_database, _before(BACKFILL_DAYS)
    wanted = {
        tables.kept(warehouse, each.number)
        for each in listed(settings)
        if each.phase in (record.UNDONE, record.DISCARDED)
        or (each.phase == record.SWAPPED and each.created_at < before)
    }
    attempts = Attempts()
    with connections.clickhouse(settings) as client:
        found = [(name, size) for name, size in tables.databases(client, warehouse) if name in wanted]
        if go:
            for name, _ in found:
                with attempts.on(name):
                    tables.drop_database(client, name)
    return _find("what backfills replaced", found, attempts.troubles)


def _temporary_tables(settings: Settings, go: bool) -> Find:
    """Tables that dbt creates while it builds a model. A day later no run needs them."""
    query = """
        select name, toInt64(ifNull(total_bytes, 0)) from system.tables
        where database = {database:String} and match(name, '__dbt_(tmp|backup|(building|new_data)_[0-9a-f_]+)$')
            and metadata_modification_time < now() - toIntervalHour({hours:UInt32})
        order by name
    """
    parameters = {"database": settings.clickhouse_database, "hours": settings.keep_temporary_tables_hours}
    attempts = Attempts()
    with connections.clickhouse(settings) as client:
        found = [(str(name), int(size)) for name, size in client.query(query, parameters=parameters).result_rows]
        if go:
            for name, _ in found:
                with attempts.on(name):
                    table = connections.quoted_table(settings.clickhouse_database, name)
                    client.command(f"drop table if exists {table} sync")
    return _find("temporary tables of dbt", found, attempts.troubles)


def _log_files(settings: Settings, go: bool) -> Find:
    folder = settings.state_dir / "airflow" / "logs"
    before = time.time() - settings.keep_logs_days * 86400
    found: list[tuple[Path, int]] = []
    attempts = Attempts()
    for path in sorted(folder.rglob("*.log")):
        status = path.stat()
        if status.st_mtime < before and not path.is_symlink():
            found.append((path, status.st_size))
    if go:
        for path, _ in found:
            with attempts.on(str(path)):
                path.unlink(missing_ok=True)
        for parent in sorted({path.parent for path, _ in found}, reverse=True):
            with attempts.on(str(parent)):
                if not any(parent.iterdir()):
                    parent.rmdir()
    names = [(str(path.relative_to(folder)), size) for path, size in found]
    return _find("log files of Airflow", names, attempts.troubles)


_DONE = {
    "scrape_request_log": "status in ('COMPLETE', 'FAILED') and coalesce(scraped_at, expires_at) < %(before)s",
    "ops.outbox": "sent_at < %(before)s",
    "ops.report_job": "status in ('DONE', 'FAILED') and created_at < %(before)s",
    "ops.breach": "closed_at < %(before)s",
}
"""Rows that are no longer needed, by table."""


def _done_rows(table: str) -> Callable[[Settings, bool], Find]:
    def look(settings: Settings, go: bool) -> Find:
        open_connection = connections.beat if table == "scrape_request_log" else connections.postgres
        values = {"before": _before(settings.keep_requests_days)}
        condition = _DONE[table]
        with open_connection(settings, autocommit=True) as connection:
            if not connections.table_exists(connection, table):
                return _find(f"old rows of {table}", [])
            row = connection.execute(f"select count(*) from {table} where {condition}", values).fetchone()
            count = int(row[0]) if row else 0
            # In batches, so that locks on a queue that workers pick from stay short.
            statement = (
                f"delete from {table} where ctid = any(array(select ctid from {table} where {condition}"
                f" limit {BATCH} for update skip locked))"
            )
            while go and connection.execute(statement, values).rowcount:
                pass
        return Find(f"old rows of {table}", count, 0, ())

    return look


def _closed_records(settings: Settings, go: bool) -> Find:
    """Records of the quarantine that were replayed or discarded; open ones stay for ever."""
    with quarantine.connect(settings, autocommit=True) as connection:
        closed = "select quarantine_id from ingest.quarantine where closed_at < %s"
        found = [int(number) for (number,) in connection.execute(closed, [_before(settings.keep_quarantine_days)])]
        if go:
            quarantine.remove(settings, connection, found)
    return Find("closed records in quarantine", len(found), 0, ())


SWEEPS: tuple[Sweep, ...] = (
    Sweep("artifacts", _artifacts),
    Sweep("exports", _exports),
    Sweep("generations", _generations),
    Sweep("backfills", _backfills),
    Sweep("temporary tables", _temporary_tables),
    Sweep("logs", _log_files),
    *(Sweep(table, _done_rows(table)) for table in _DONE),
    Sweep("quarantine", _closed_records),
)
"""All sweeps, in order."""
