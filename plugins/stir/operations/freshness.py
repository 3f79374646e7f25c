"""Compares the age of things with their targets, and sends one alert for each new breach.

A breach is an open row of ops.breach until a check sees the target met again. Its unique key limits it to one alert,
however many checks run, also in parallel.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, LiteralString

from stir import connections
from stir.clock import now, spoken
from stir.connections import Target
from stir.database import prepare
from stir.operations.freshness_targets import PROMISES, Promise
from stir.settings import Settings
from stir.sources.tables import quoted

if TYPE_CHECKING:
    import psycopg

NEVER = "never was there"
UNREADABLE = "could not be read"


@dataclass(frozen=True)
class Reading:
    """The result for one target: `kept` says whether it is met, `seen` is the age in words.

    `age` is None if nothing exists.
    """

    promise: Promise
    kept: bool
    seen: str
    age: timedelta | None = None


@dataclass(frozen=True)
class Report:
    """The result of a check: all readings, new breaches, and the subjects of breaches that it closed."""

    readings: tuple[Reading, ...]
    opened: tuple[Reading, ...]
    closed: tuple[str, ...]

    @property
    def text(self) -> str:
        """One line per promise."""
        width = max(len(reading.promise.subject) for reading in self.readings)
        return "\n".join(
            f"{'kept  ' if reading.kept else 'BROKEN'} {reading.promise.subject:<{width}}  {reading.seen},"
            f" promised {reading.promise.text}"
            for reading in self.readings
        )


def judge(promise: Promise, newest: datetime | None, at: datetime, *, absent_is_kept: bool) -> Reading:
    """The reading of a thing whose newest moment is `newest`.

    An empty queue and a table that was never published are no breach. Anything else that is missing is one.
    """
    if newest is None:
        return Reading(promise, absent_is_kept, "nothing waits" if promise.kind == "queue" else NEVER)
    age = at - newest
    return Reading(promise, age <= promise.within, f"{spoken(age)} old", age)


def check(settings: Settings, notify: Callable[[Reading], None], promises: Sequence[Promise] = PROMISES) -> Report:
    """Read everything, open and close breaches, and call `tell` for each new breach.

    `tell` is called before the breach is recorded, so after a crash an alert may come twice but is never lost.

    Raises:
        psycopg.Error: PostgreSQL is away, where breaches are kept; the failed run is the alert then.
    """
    prepare(settings)
    readings = tuple(_read_all(settings, promises))
    with connections.postgres(settings) as connection:
        opened = tuple(reading for reading in readings if not reading.kept and _open(connection, reading, notify))
        closed = _close(connection, [reading.promise.subject for reading in readings if reading.kept])
    return Report(readings, opened, closed)


def look(settings: Settings, promises: Sequence[Promise] = PROMISES) -> Report:
    """Read everything without recording or reporting anything."""
    return Report(tuple(_read_all(settings, promises)), (), ())


def _open(connection: psycopg.Connection, reading: Reading, notify: Callable[[Reading], None]) -> bool:
    noted = connection.execute(
        """
        insert into ops.breach (subject, promise, seen, tier) values (%s, %s, %s, %s)
        on conflict (subject) where closed_at is null do nothing
        """,
        [reading.promise.subject, reading.promise.text, reading.seen, reading.promise.tier],
    ).rowcount
    if noted:
        notify(reading)
    return bool(noted)


def _close(connection: psycopg.Connection, subjects: list[str]) -> tuple[str, ...]:
    rows = connection.execute(
        "update ops.breach set closed_at = now() where closed_at is null and subject = any(%s) returning subject",
        [subjects],
    ).fetchall()
    return tuple(sorted(str(row[0]) for row in rows))


def _read_all(settings: Settings, promises: Sequence[Promise]) -> list[Reading]:
    """Every promise's reading; a server that does not answer breaks the promises about what it holds."""
    clock = datetime.now(UTC)
    moment = now(settings)  # the sources and queues of a warehouse as of a past day belong to that day
    readers: Mapping[str, Callable[[Settings, list[Promise]], dict[str, datetime | None]]] = {
        "source": _sources,
        "model": _models,
        "publication": _publications,
        "queue": _queues,
    }
    readings: dict[Promise, Reading] = {}
    for kind, read in readers.items():
        mine = [promise for promise in promises if promise.kind == kind]
        at = clock if kind in ("model", "publication") else moment
        try:
            newest = read(settings, mine)
        except Exception as error:
            first = (str(error).strip() or type(error).__name__).splitlines()[0][:120]
            readings |= {promise: Reading(promise, False, f"{UNREADABLE}: {first}") for promise in mine}
            continue
        readings |= {
            promise: judge(promise, newest.get(promise.name), at, absent_is_kept=kind in ("publication", "queue"))
            for promise in mine
        }
        if kind == "publication":
            readings |= _stale_data(settings, [readings[promise] for promise in mine], moment)
    return [readings[promise] for promise in promises]


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


_TABLES = "select concat(database, '.', name) from system.tables"


def _sources(settings: Settings, promises: list[Promise]) -> dict[str, datetime | None]:
    found: dict[str, datetime | None] = {}
    with connections.clickhouse(settings) as client:
        known = {name for (name,) in client.query(_TABLES).result_rows}
        for promise in promises:
            if promise.name not in known:
                continue  # one table that is missing must not hide the age of the others
            # The column is an expression of the project's own YAML, as dbt uses it.
            newest = f"select maxOrNull(toDateTime({promise.column}, 'UTC')) from {quoted(promise.name)}"
            found[promise.name] = _utc(client.query(newest).first_row[0])
    return found


def _models(settings: Settings, promises: list[Promise]) -> dict[str, datetime | None]:
    query = """
        select table, toDateTime(max(modification_time), 'UTC') from system.parts
        where active and database = {database:String} and table in {names:Array(String)} group by table
    """
    parameters = {"database": settings.clickhouse_database, "names": [promise.name for promise in promises]}
    with connections.clickhouse(settings) as client:
        return {name: _utc(moment) for name, moment in client.query(query, parameters=parameters).result_rows}


def _targets(promises: Sequence[Promise]) -> list[Target]:
    targets: tuple[Target, ...] = ("prod", "staging")
    return [target for target in targets if any(promise.name.startswith(f"{target}.") for promise in promises)]


_PUBLISHED: LiteralString = """
select table_name, max(ended_at) from stir.run where outcome in ('published', 'unchanged') group by table_name
"""


def _publications(settings: Settings, promises: list[Promise]) -> dict[str, datetime | None]:
    found: dict[str, datetime | None] = {}
    for target in _targets(promises):
        with connections.postgres(settings, target=target) as connection:
            if connections.table_exists(connection, "stir.run"):
                found |= {f"{target}.{name}": ended for name, ended in connection.execute(_PUBLISHED)}
    return found


_FEEDS: LiteralString = """
select distinct on (table_name) table_name, manifest -> 'feeds' from stir.generation
where manifest ? 'feeds' order by table_name, generation desc
"""


def _stale_data(settings: Settings, readings: list[Reading], moment: datetime) -> dict[Promise, Reading]:
    """The readings of publications that were published in time over a feed whose data ended too long ago."""
    stale: dict[Promise, Reading] = {}
    for target in _targets([reading.promise for reading in readings]):
        with connections.postgres(settings, target=target) as connection:
            if not connections.table_exists(connection, "stir.generation"):
                continue
            feeds = {f"{target}.{name}": feeds for name, feeds in connection.execute(_FEEDS)}
        for reading in readings:
            ended = {
                name: datetime.fromisoformat(newest) for name, newest in feeds.get(reading.promise.name, {}).items()
            }
            old = {name: newest for name, newest in ended.items() if moment - newest > reading.promise.data_within}
            if old and reading.kept:
                which = ", ".join(f"{name} ended {newest:%F %T}" for name, newest in sorted(old.items()))
                age = spoken(moment - min(old.values()))
                seen = f"its data is {age} old: feed {which}"
                stale[reading.promise] = Reading(reading.promise, False, seen, reading.age)
    return stale


_WAITING: LiteralString = """
select min(created_at) filter (where priority <= 3), min(created_at) filter (where priority > 3)
from scrape_request_log where status = 'PENDING'
"""
_WORK: LiteralString = """
select
    (select min(created_at) from ops.report_job where status = 'QUEUED'),
    (select min(created_at) from ops.outbox where sent_at is null)
"""


def _queues(settings: Settings, promises: list[Promise]) -> dict[str, datetime | None]:
    names = [promise.name for promise in promises]
    with connections.beat(settings) as connection:
        known = connections.table_exists(connection, "scrape_request_log")
        waiting = connection.execute(_WAITING).fetchone() if known else (None, None)
    with connections.postgres(settings) as connection:
        work = connection.execute(_WORK).fetchone()
    return dict(zip(names, (*(waiting or ()), *(work or ())), strict=True))
