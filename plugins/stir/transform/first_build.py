"""Tables that a build reads and that nobody has built yet, as in a warehouse that was never built.

Cadences read each other in both directions (`ownership.SLOWER_BUT_READ`), so none of them could build first: a build
that finds tables of others missing builds those first. Until all tables are there, builds run one after the other,
because two builds of one model destroy each other's work. Decision 0079.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from clickhouse_connect.driver.exceptions import OperationalError

from stir import connections
from stir.settings import Settings

Table = tuple[str, str]
"""Database and name."""


@dataclass(frozen=True)
class Unbuilt:
    """Models and seeds without a table.

    Attributes:
        own: names of those that the run builds itself.
        upstream: names of those that it reads, directly or through others, and does not build; and of its own those
            that they read.
    """

    own: frozenset[str]
    upstream: frozenset[str]


class UpstreamUnbuiltError(Exception):
    """A run reads tables that nobody has built yet, and has not begun."""

    def __init__(self, unbuilt: Unbuilt) -> None:
        super().__init__(f"{', '.join(sorted(unbuilt.upstream))} were never built")
        self.unbuilt = unbuilt


Look = Callable[[Callable[[], Unbuilt]], object]
"""Called before a run begins, with a function that finds what is not built; it may raise to stop the run."""

LOOK: ContextVar[Look | None] = ContextVar("LOOK", default=None)
"""What the runs of this process call, if anything."""


def look(settings: Settings, manifest: Any, nodes: Iterable[Any]) -> None:
    """Call what was asked for, about the nodes of a run that is about to begin."""
    if asked := LOOK.get():
        chosen = [node.unique_id for node in nodes]
        asked(lambda: unbuilt(settings, manifest, chosen))


def unbuilt(settings: Settings, manifest: Any, chosen: Iterable[str]) -> Unbuilt:
    """What of the chosen nodes and of all that is behind them has no table in ClickHouse.

    Nothing if ClickHouse is away: dbt itself says so.
    """
    own = set(chosen)
    tables = tables_of(manifest, _with_all_behind(manifest, own))
    try:
        with connections.clickhouse(settings) as client:
            found = client.query(
                "select database, name from system.tables where database in {names:Array(String)}",
                parameters={"names": sorted({database for database, _ in tables.values()})},
            )
    except OperationalError:
        return Unbuilt(frozenset(), frozenset())
    there = {(str(database), str(name)) for database, name in found.result_rows}
    return of_missing(manifest, own, {name for name, table in tables.items() if table not in there})


def of_missing(manifest: Any, own: set[str], missing: set[str]) -> Unbuilt:
    """What is missing (unique ids), divided by who has to build it."""
    first = _with_all_behind(manifest, missing - own) & missing
    names = {each: str(manifest.nodes[each].name) for each in missing}
    return Unbuilt(
        frozenset(names[each] for each in missing & own), frozenset(names[each] for each in first if missing - own)
    )


def tables_of(manifest: Any, identifiers: Iterable[str]) -> Mapping[str, Table]:
    """Unique id to the table of each model and seed that has one."""
    nodes = (manifest.nodes[identifier] for identifier in identifiers if identifier in manifest.nodes)
    return {
        node.unique_id: (node.schema, node.alias)
        for node in nodes
        if node.resource_type in ("model", "seed") and not node.is_ephemeral
    }


def _with_all_behind(manifest: Any, identifiers: Iterable[str]) -> set[str]:
    found, waiting = set[str](), list(identifiers)
    while waiting:
        if (identifier := waiting.pop()) not in found:
            found.add(identifier)
            if node := manifest.nodes.get(identifier):
                waiting += node.depends_on_nodes
    return found


@contextmanager
def looking(asked: Look) -> Iterator[None]:
    """Have `asked` called before each run of this block."""
    token = LOOK.set(asked)
    try:
        yield
    finally:
        LOOK.reset(token)


@contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    """Hold the place of the one build that may run while tables are missing; waits for it.

    Raises:
        psycopg.OperationalError: PostgreSQL, which keeps the place, is away.
    """
    with connections.postgres(settings, autocommit=True) as connection:
        connection.execute(
            "select pg_advisory_lock(hashtext('stir first build'), hashtext(%s))", [settings.clickhouse_database]
        )
        yield
