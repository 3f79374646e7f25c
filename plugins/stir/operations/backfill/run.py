"""Runs a backfill from its plan to the swap, goes on with an unfinished one, undoes and discards.

The phase in `ops.backfill` is moved before a step is taken. PLANNED, BUILDING: nothing that others read is touched.
SWAPPING: some partitions are swapped; the only ways on are to the end and back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from clickhouse_connect.driver.client import Client

from stir import connections
from stir.errors import StirError
from stir.operations.backfill import record as phases
from stir.operations.backfill import tables
from stir.operations.backfill.build import build, check_columns, prepare
from stir.operations.backfill.comparison import Change, compare_target
from stir.operations.backfill.plan import APPEND, Plan, moments, plan, steps_back
from stir.operations.backfill.progress import UNWATCHED, Observer
from stir.operations.backfill.record import Backfill, Record, locked
from stir.operations.backfill.swap import Restored, keep, restore, swap
from stir.settings import Settings
from stir.transform.manifest import DbtManifest, read_dbt_manifest

MOST_LOST = 0.1
"""A backfill that would leave a model with so large a part fewer rows is refused: its source may be incomplete."""


@dataclass(frozen=True)
class Request:
    """What is asked for: days of a model, or of a tag's models.

    Attributes:
        last: by default the day of each model's last build.
        hold: stop before the swap. check: the same, and keep nothing. allow_loss: swap although rows get lost.
    """

    of: str
    first: date
    last: date | None = None
    downstream: bool = False
    hold: bool = False
    check: bool = False
    allow_loss: bool = False

    @property
    def identity(self) -> dict[str, object]:
        """By what an unfinished backfill is recognised as the one that is asked for again."""
        last = self.last.isoformat() if self.last else "the last build"
        return {"of": self.of, "from": self.first.isoformat(), "to": last, "downstream": self.downstream}


@dataclass(frozen=True)
class Outcome:
    """The end of a run.

    Attributes:
        backfill: as it is kept now. changes: what it changes, by model; empty if it only finished an earlier swap.
    """

    backfill: Backfill
    changes: Sequence[Change] = ()


def make_plan(settings: Settings, client: Client, manifest: DbtManifest, request: Request) -> Plan:
    """The plan, as nothing but the plan: nothing is built, and nothing is noted.

    Raises:
        StirError: the days or the models are such as cannot be built again.
    """
    known = moments(client, settings.clickhouse_database)
    found = plan(manifest, request.of, request.first, request.last, known, downstream=request.downstream)
    check_columns(client, manifest, settings.clickhouse_database, found.targets)
    return found


def dry_run(settings: Settings, request: Request) -> tuple[Plan, list[dict[str, Any]]]:
    """The plan, and of each of its models the record with `partitions`, `rows` of the days, and the rows and bytes that
    are stored in the partitions. Nothing is built, and nothing is noted.

    Raises:
        StirError: as make_plan.
    """
    manifest, warehouse = read_dbt_manifest(settings), settings.clickhouse_database
    found = []
    with connections.clickhouse(settings) as client:
        planned = make_plan(settings, client, manifest, request)
        for target in planned.targets:
            live = connections.quoted_table(warehouse, target.model)
            partitions = tables.partitions_with(client, live, target.condition)
            query = f"select count() from {live}{tables.final(target)} where {target.condition}"
            rows = int(client.query(query).first_row[0])
            stored, size = tables.volume(client, warehouse, target.model, partitions)
            figures = {"partitions": partitions, "rows": rows, "stored_rows": stored, "bytes": size}
            found.append({**target.record, **figures})
    return planned, found


def backfill(settings: Settings, request: Request, observer: Observer = UNWATCHED) -> Outcome:
    """Build, compare and swap; or go on with the same request where an earlier run was interrupted.

    Raises:
        StirError: another backfill is running or unfinished, the request cannot be met, dbt failed, or rows would get
            lost. Nothing is swapped then.
    """
    manifest = read_dbt_manifest(settings)
    with locked(settings) as record, connections.clickhouse(settings) as client:
        found = record.unfinished()
        if found is None:
            found = record.begin(request.identity, make_plan(settings, client, manifest, request))
        elif found.phase == phases.UNDOING or found.asked != request.identity:
            raise _unfinished(found)
        observer.reached("begun")
        if found.phase == phases.PLANNED:
            found = record.prepared(found, prepare(client, settings.clickhouse_database, found.plan))
        changes: Sequence[Change] = ()
        if found.phase == phases.BUILDING:
            observer.stage("build")
            build(settings, client, record, found, manifest, observer)
            observer.reached("built")
            found, changes = _prepare_swap(settings, client, record, found, request, observer)
        if found.phase == phases.SWAPPING:
            observer.stage("swap")
            observer.reached("before swap")
            swap(client, settings.clickhouse_database, found, observer)
            found = record.move(found, phases.SWAPPED)
            observer.reached("swapped")
        if not request.hold or found.phase != phases.BUILDING:
            tables.drop_database(client, tables.beside(settings.clickhouse_database))
        return Outcome(found, changes)


def _prepare_swap(
    settings: Settings, client: Client, record: Record, found: Backfill, request: Request, observer: Observer
) -> tuple[Backfill, Sequence[Change]]:
    """Compare, and decide what follows: nothing, because nothing differs or nothing is wanted, or the swap."""
    observer.stage("compare")
    changes = []
    for number, target in enumerate(found.plan.targets, 1):
        changes.append(compare_target(client, settings.clickhouse_database, target))
        observer.step(number, len(found.plan.targets), target.model)
    observer.compared(changes)
    observer.reached("compared")
    if request.check or all(change.same for change in changes):
        return record.move(found, phases.DISCARDED), changes
    if request.hold:
        return found, changes
    if not request.allow_loss:
        _refuse_loss(changes)
        _refuse_a_step_back(changes, steps_back(client, settings.clickhouse_database))
    swaps = keep(client, settings.clickhouse_database, found, changes)
    observer.reached("kept")
    return record.move(found, phases.SWAPPING, swaps), changes


def _refuse_loss(changes: Sequence[Change]) -> None:
    for change in changes:
        before = sum(period.rows_before for period in change.periods)
        if change.lost > MOST_LOST * before:
            emptied = [str(each.day) for each in change.periods if each.rows_before and not each.rows_after]
            days = f", and none on {', '.join(emptied[:3])}{' ...' if emptied[3:] else ''}" if emptied else ""
            raise StirError(
                f"{change.target.model} would have {change.lost:,} of {before:,} rows fewer{days}: nothing was swapped",
                do="check that its source is complete; then run the same with --allow-loss, or give it up with"
                " `./stir backfill --discard`",
            )


def _refuse_a_step_back(changes: Sequence[Change], reached: Mapping[str, datetime]) -> None:
    """Days as of the last build lack what a build before it had read. No increment would find that again: the rows that
    stay in other days hold its mark."""
    for change in changes:
        model, removed = change.target.model, sum(period.removed for period in change.periods)
        if removed and change.target.kind == APPEND and model in reached:
            last = datetime.fromisoformat(change.target.as_of)
            raise StirError(
                f"{model} would lose {removed:,} rows that the build as of {reached[model]:%Y-%m-%d %H:%M} had read:"
                f" its last build is as of {last:%Y-%m-%d %H:%M}, as if the clock had stepped back;"
                " nothing was swapped",
                do="`./stir backfill --discard`, then build the model as of the later moment and run the same again",
            )


def undo(settings: Settings, number: int | None = None, observer: Observer = UNWATCHED) -> tuple[Backfill, Restored]:
    """Put back what a backfill replaced, by default the newest; returns it, and what stays of what was written since.

    Raises:
        StirError: there is nothing to undo, a newer one has swapped the same model, or its tables have changed.
    """
    with locked(settings) as record, connections.clickhouse(settings) as client:
        found = _to_undo(record, number)
        place = tables.kept(settings.clickhouse_database, found.number)
        for model in found.swaps:
            if not tables.exists(client, place, model):
                raise StirError(f"what {found.words} replaced is no longer kept", where=place)
            if tables.columns(client, place, model) != tables.columns(client, settings.clickhouse_database, model):
                raise StirError(f"{model} has other columns than when {found.words} replaced a part of it", where=place)
        found = record.move(found, phases.UNDOING)
        observer.stage("undo")
        observer.reached("undo begun")
        restored = restore(client, settings.clickhouse_database, found, observer)
        found = record.move(found, phases.UNDONE)
        tables.drop_database(client, place)
        tables.drop_database(client, tables.beside(settings.clickhouse_database))
        observer.reached("undone")
        return found, restored


def discard(settings: Settings) -> Backfill:
    """Give up an unfinished backfill of which nothing is swapped yet.

    Raises:
        StirError: there is none, or its swap or its undoing has begun.
    """
    with locked(settings) as record, connections.clickhouse(settings) as client:
        found = record.unfinished()
        if found is None:
            raise StirError("there is no unfinished backfill")
        if found.phase not in (phases.PLANNED, phases.BUILDING):
            raise _unfinished(found)
        tables.drop_database(client, tables.beside(settings.clickhouse_database))
        return record.move(found, phases.DISCARDED)


def listed(settings: Settings) -> list[Backfill]:
    """Every backfill of the warehouse, the newest first. Needs no lock, so it may be asked while one runs."""
    from stir.database import prepare

    prepare(settings)
    with connections.postgres(settings, autocommit=True) as connection:
        return Record(settings.clickhouse_database, connection).all()


def _to_undo(record: Record, number: int | None) -> Backfill:
    open_one = record.unfinished()
    known = record.all()
    if open_one and open_one.phase in (phases.PLANNED, phases.BUILDING):
        raise _unfinished(open_one)
    wanted = open_one or next((each for each in known if each.phase in (phases.SWAPPED, phases.UNDONE)), None)
    if number is None and wanted and wanted.phase == phases.UNDONE:
        # Whoever asks twice, because they do not know whether the first came to its end, means the same one.
        older = next((each for each in known if each.phase == phases.SWAPPED), None)
        advice = f"`./stir backfill --undo {older.number}` undoes {older.words}" if older else ""
        raise StirError(f"{wanted.words} is undone already", do=advice)
    if number is not None:
        wanted = next((each for each in known if each.number == number), None)
        if wanted and wanted.phase not in (phases.SWAPPED, phases.SWAPPING, phases.UNDOING):
            raise StirError(f"{wanted.words} is {wanted.phase}, so there is nothing to undo")
        if wanted and open_one and open_one.number != wanted.number:
            raise _unfinished(open_one)
    if wanted is None:
        if number is not None:
            raise StirError(f"there is no backfill {number}", do="`./stir backfill --list` shows them")
        raise StirError("no backfill has been swapped, so none can be undone")
    for newer in known:
        if newer.number > wanted.number and newer.phase == phases.SWAPPED and newer.swaps.keys() & wanted.swaps.keys():
            raise StirError(
                f"{newer.words} has swapped the same tables since",
                do=f"undo it first: `./stir backfill --undo {newer.number}`",
            )
    return wanted


def _unfinished(found: Backfill) -> StirError:
    given_up = "the same command again continues it, and `./stir backfill --discard` gives it up"
    ways = {
        phases.PLANNED: given_up,
        phases.BUILDING: given_up,
        phases.SWAPPING: "the same command again continues it, and `./stir backfill --undo` takes it back",
        phases.UNDOING: "`./stir backfill --undo` continues it",
    }
    return StirError(f"{found.words} is unfinished ({found.phase})", do=ways[found.phase])
