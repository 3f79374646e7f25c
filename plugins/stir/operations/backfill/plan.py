"""Plans a backfill: which models it builds again, which days of each, and who reads them. Pure but for `moments`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from graphlib import TopologicalSorter
from typing import Any

from clickhouse_connect.driver.client import Client

from stir.connections import expecting_a_built_warehouse, quoted_table
from stir.errors import StirError
from stir.transform.manifest import DbtManifest, Model
from stir.transform.ownership import DAG_OF_CADENCE

APPEND, OVERWRITE, TABLE = "append", "overwrite", "table"
"""How a model is built: rows are added and the newest version of a key counts; whole months are replaced; everything is
built by every run."""

EARLIEST, LATEST = date(1970, 2, 1), date(2105, 12, 31)
"""Days that tables of days and of moments can hold, with the week and the months around them: beyond, ClickHouse takes
another day for the one that is meant."""


@dataclass(frozen=True)
class Target:
    """One model of a backfill.

    Attributes:
        column: the time of its rows. is_day: a Date, which stands for the day, week or month that begins with it.
        key: the columns that identify a row. kind: APPEND, OVERWRITE or TABLE.
        first, end: the days [first, end) that are built again, ISO.
        as_of: the moment of its last build, ISO. Nothing later is read: the next run of its DAG goes on from the newest
            row that it finds, and must not find one that came after what the other days hold.
    """

    model: str
    column: str
    is_day: bool
    key: tuple[str, ...]
    kind: str
    first: str
    end: str
    as_of: str

    @property
    def condition(self) -> str:
        """Whether a row is among those that are built again, as SQL. The days of moments are those of UTC."""
        bounds = (
            f"toDate('{day}')" if self.is_day else f"toDateTime('{day} 00:00:00', 'UTC')"
            for day in (self.first, self.end)
        )
        return "({0} >= {1} and {0} < {2})".format(f"`{self.column}`", *bounds)

    @property
    def record(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Target:
        return cls(**{**record, "key": tuple(record["key"])})


@dataclass(frozen=True)
class Plan:
    """A backfill: its models in the order of their building.

    Attributes:
        views: views between them, which are built beside as well, so that they show what is built there.
        skipped: models of the tag that are left out, each with its reason.
        readers: models that read the days and are not among them, each with what becomes of it.
    """

    targets: tuple[Target, ...]
    views: tuple[str, ...] = ()
    skipped: Mapping[str, str] | None = None
    readers: Mapping[str, str] | None = None


def time_column(manifest: DbtManifest, model: Model) -> str:
    """The time by which days of a model are known: that of its partitions, else the only one in its key; else empty."""
    partition = str(model.node["config"].get("partition_by") or "")
    if found := re.fullmatch(r"\w+\((\w+)\)", partition):
        return found[1]
    times = [name for name in manifest.grain(model) if model.columns.get(name, "").startswith("Date")]
    return times[0] if len(times) == 1 else ""


def refusal(manifest: DbtManifest, model: Model) -> str:
    """Why days of a model cannot be built again; empty if they can."""
    if model.materialized == "view":
        return "is a view and holds no rows"
    if not time_column(manifest, model) or not manifest.grain(model):
        return "has no time in its key"
    return ""


def kind(model: Model) -> str:
    if model.materialized == "table":
        return TABLE
    return OVERWRITE if model.node["config"].get("incremental_strategy") == "insert_overwrite" else APPEND


def chosen(manifest: DbtManifest, asked: str) -> list[str]:
    """The names of the models that MODEL or TAG means; of several, blanks between them, of any.

    Raises:
        StirError: there is neither such a model nor such a tag.
    """
    found: dict[str, None] = {}
    for word in asked.split() or [asked]:
        tagged = [name for name, model in manifest.models.items() if name == word or word in model.node["tags"]]
        if not tagged:
            raise StirError(f"there is no model and no tag {word!r}", do="`./stir models` lists both")
        found |= dict.fromkeys(tagged)
    return list(found)


def plan(
    manifest: DbtManifest,
    asked: str,
    first: date,
    last: date | None,
    moments: Mapping[str, datetime],
    *,
    downstream: bool = False,
) -> Plan:
    """The backfill of MODEL or TAG for the days from `first` to `last`, by default the day of each one's last build.

    `downstream` adds every model that reads them and can be built by days.

    Raises:
        StirError: `first` is after `last` or after the newest data, a day is none that a table can hold, or none of the
            models can be built by days.
    """
    if last and first > last:
        raise StirError(f"--from {first} is after --to {last}", do="exchange the two")
    for day in filter(None, (first, last)):
        if not EARLIEST <= day <= LATEST:
            raise StirError(f"{day} is no day that a table can hold", do=f"give days from {EARLIEST} to {LATEST}")
    names = chosen(manifest, asked)
    refused = {name: reason for name in names if (reason := refusal(manifest, manifest.models[name]))}
    if len(names) == 1 and refused:
        advice = f"`./stir dbt run --full-refresh --select {asked}` builds all of it"
        raise StirError(f"{asked} {refused[asked]}, so no days of it can be built again", do=advice)
    wanted = [name for name in names if name not in refused]
    if not wanted:
        raise StirError(f"no model of {asked} can be built again by days: none has a time in its key")
    readers = _readers(manifest, wanted)
    if downstream:
        wanted += [name for name in readers if not refusal(manifest, manifest.models[name])]
    if len(wanted) > 1:
        unbuilt = [name for name in wanted if name not in moments]
        refused |= dict.fromkeys(unbuilt, "has not been built yet")
        wanted = [name for name in wanted if name in moments]
    ordered = [name for name in _order(manifest) if name in wanted]
    targets: list[Target] = []
    for name in ordered:
        moment = _moment(name, moments, first)
        behind = _reads_any(manifest, name, {target.model for target in targets})
        targets.append(_target(manifest, name, first, last or moment.date(), moment, follows=behind))
    return Plan(
        tuple(targets),
        tuple(_views_between(manifest, ordered)),
        refused,
        {name: _fate(manifest, name) for name in readers if name not in ordered and name not in refused},
    )


def moments(client: Client, database: str) -> dict[str, datetime]:
    """Model to the moment (`as_of`) of its last build.

    Raises:
        StirError: nothing has been built yet.
    """
    notes = quoted_table(database, "data_freshness")
    query = f"select model, argMax(as_of, recorded_at) from {notes} where is_built group by model"
    with expecting_a_built_warehouse():
        return {str(model): _utc(moment) for model, moment in client.query(query).result_rows}


def steps_back(client: Client, database: str) -> dict[str, datetime]:
    """Models with rows of a build as of a later moment than the last one, and the latest such moment."""
    notes = quoted_table(database, "data_freshness")
    query = (
        f"select model, argMax(newest_at, recorded_at) as latest from {notes} where is_built and feed = ''"
        " group by model having latest > argMax(as_of, recorded_at)"
    )
    return {str(model): _utc(moment) for model, moment in client.query(query).result_rows}


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _moment(name: str, moments: Mapping[str, datetime], first: date) -> datetime:
    if name not in moments:
        raise StirError(
            f"{name} has not been built yet, so there is nothing to compare with",
            do=f"build it with `./stir dbt run --select {name}`",
        )
    if first > moments[name].date():
        raise StirError(f"there are no days to build: {name} was last built as of {moments[name]:%Y-%m-%d %H:%M} UTC")
    return moments[name]


def _target(manifest: DbtManifest, name: str, first: date, last: date, moment: datetime, *, follows: bool) -> Target:
    model = manifest.models[name]
    column = time_column(manifest, model)
    is_day = model.columns[column] == "Date"
    end = last + timedelta(days=1)
    if is_day:
        # A week and a month stand at their first day, and the day that was asked for is in them.
        first = min(first.replace(day=1), first - timedelta(days=first.isoweekday() % 7))
    if is_day and follows:
        # Changes and ranks of the period after are made of the last one that is built again.
        end = _month_after(_month_after(last))
    grain = manifest.grain(model)
    return Target(name, column, is_day, grain, kind(model), first.isoformat(), end.isoformat(), moment.isoformat())


def _month_after(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def _order(manifest: DbtManifest) -> list[str]:
    graph = {name: sorted(each.name for each in manifest.reads(model)) for name, model in manifest.models.items()}
    return [name for name in TopologicalSorter(graph).static_order() if name in manifest.models]


def _readers(manifest: DbtManifest, names: Iterable[str]) -> list[str]:
    """Every model that reads one of these, directly or through others, in the order of building."""
    found = set(names)
    readers = []
    for name in _order(manifest):
        if name not in found and any(each.name in found for each in manifest.reads(manifest.models[name])):
            found.add(name)
            readers.append(name)
    return readers


def _reads_any(manifest: DbtManifest, name: str, others: set[str]) -> bool:
    return any(each.name in others for each in manifest.tables_read(manifest.models[name]))


def _views_between(manifest: DbtManifest, ordered: Sequence[str]) -> list[str]:
    """Views that read one of the models and are read by another, in the order of building."""
    reading = {name for name in _readers(manifest, ordered) if manifest.models[name].materialized == "view"}
    needed: set[str] = set()
    for name in reversed(_order(manifest)):
        if name in ordered or name in needed:
            needed |= {each.name for each in manifest.reads(manifest.models[name]) if each.name in reading}
    return [name for name in _order(manifest) if name in needed]


def _fate(manifest: DbtManifest, name: str) -> str:
    """What becomes of a model that reads days which are swapped, and is not built again with them."""
    model = manifest.models[name]
    dag = DAG_OF_CADENCE[model.cadences[0]] if model.cadences else "its DAG"
    if model.materialized == "view":
        return "a view: shows them at once"
    if model.materialized == "table":
        return f"built whole by the next run of {dag}"
    if refusal(manifest, model):
        return f"not rebuilt: {dag} adds only what is new"
    return "not rebuilt, unless with --downstream"
