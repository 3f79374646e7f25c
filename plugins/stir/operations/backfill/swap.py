"""Swaps what a backfill built into the live tables, partition by partition, and puts it back.

Every statement may be repeated: whoever goes on after a kill does the whole step again. Readers of a table see a
partition as it was or as it is, never without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from clickhouse_connect.driver.client import Client

from stir.connections import quoted_table
from stir.operations.backfill import tables
from stir.operations.backfill.comparison import Change
from stir.operations.backfill.plan import APPEND, Target
from stir.operations.backfill.progress import Observer
from stir.operations.backfill.record import Backfill


@dataclass(frozen=True)
class Restored:
    """What was written since the swap, and stays after the undoing.

    Attributes:
        newer_rows: model to the rows that increments added.
        built_since: model to the ids of the partitions that a build has written since, and that are not put back.
    """

    newer_rows: dict[str, int] = field(default_factory=dict)
    built_since: dict[str, list[str]] = field(default_factory=dict)


def keep(client: Client, warehouse: str, backfill: Backfill, changes: Sequence[Change]) -> dict[str, list[str]]:
    """Lay out all that the swap and its undoing need; returns model to the ids of the partitions to swap.

    Only partitions with a day that differs are swapped. Rows that an increment brought into them since the build began
    are added to what was built. What is kept is a clone and takes no room until the live table's parts are merged.
    """
    built, place = tables.beside(warehouse), tables.kept(warehouse, backfill.number)
    tables.create_database(client, place, empty=True)
    swaps: dict[str, list[str]] = {}
    for change in changes:
        target = change.target
        partitions = _differing(client, warehouse, built, change)
        if not partitions:
            continue
        live, new = quoted_table(warehouse, target.model), quoted_table(built, target.model)
        if target.kind == APPEND and _written_to(client, warehouse, built, target, partitions):
            names = tables.columns(client, warehouse, target.model)
            basis = quoted_table(built, target.model + tables.BASIS)
            tables.add_missing(client, live, basis, new, partitions, names)
        tables.clone(client, live, quoted_table(place, target.model), partitions)
        tables.clone(client, new, quoted_table(place, target.model + tables.AFTER), partitions)
        swaps[target.model] = partitions
    return swaps


def swap(client: Client, warehouse: str, backfill: Backfill, observer: Observer) -> None:
    """Replace the partitions of the live tables, in the order of building."""
    place = tables.kept(warehouse, backfill.number)
    total, done = sum(map(len, backfill.swaps.values())), 0
    for target in backfill.plan.targets:
        for partition in backfill.swaps.get(target.model, ()):
            after = quoted_table(place, target.model + tables.AFTER)
            tables.replace_partition(client, after, quoted_table(warehouse, target.model), partition)
            done += 1
            observer.step(done, total, f"{target.model} {partition}")
            observer.reached("partition swapped")


def restore(client: Client, warehouse: str, backfill: Backfill, observer: Observer) -> Restored:
    """Put the replaced partitions back; returns what had been written since, and stays.

    Rows that an increment brought after the swap are set aside first and inserted again. A table that is built whole,
    or whose months are overwritten, has no such rows; but a partition of it that was built since knows more than what
    was replaced, and holds nothing of the backfill any more.
    """
    place = tables.kept(warehouse, backfill.number)
    targets = [target for target in backfill.plan.targets if target.model in backfill.swaps]
    newer = [target for target in targets if target.kind == APPEND]
    for target in newer:
        _set_aside(client, warehouse, place, target, backfill.swaps)
    total, done = sum(map(len, backfill.swaps.values())), 0
    found = Restored()
    for target in targets:
        for partition in backfill.swaps[target.model]:
            if target.kind != APPEND and _is_built_since(client, warehouse, place, target, partition):
                found.built_since.setdefault(target.model, []).append(partition)
            else:
                before = quoted_table(place, target.model)
                tables.replace_partition(client, before, quoted_table(warehouse, target.model), partition)
            done += 1
            observer.step(done, total, f"{target.model} {partition}")
            observer.reached("partition restored")
    for target in newer:
        since = quoted_table(place, target.model + tables.SINCE)
        client.command(f"insert into {quoted_table(warehouse, target.model)} select * from {since}")
        if rows := int(client.query(f"select count() from {since}").first_row[0]):
            found.newer_rows[target.model] = rows
    observer.reached("newer rows restored")
    return found


def _is_built_since(client: Client, warehouse: str, place: str, target: Target, partition: str) -> bool:
    """Whether a live partition holds neither what took its place nor, as after half an undoing, what was replaced."""
    names = tables.columns(client, warehouse, target.model)
    live, after, before = (
        tables.digest(client, quoted_table(database, name), partition, names)
        for database, name in (
            (warehouse, target.model),
            (place, target.model + tables.AFTER),
            (place, target.model),
        )
    )
    return live not in (after, before)


def _set_aside(client: Client, warehouse: str, place: str, target: Target, swaps: Mapping[str, Sequence[str]]) -> None:
    """Collect the rows that came since the swap. The table has its name when it is whole."""
    name = target.model + tables.SINCE
    if tables.exists(client, place, name):
        return
    live, since = quoted_table(warehouse, target.model), quoted_table(place, f"{name}__new")
    tables.clone(client, live, since, ())
    partitions = swaps[target.model]
    if tables.parts(client, warehouse, target.model, partitions) - tables.parts(
        client, place, target.model + tables.AFTER, partitions
    ):
        after = quoted_table(place, target.model + tables.AFTER)
        names = tables.columns(client, warehouse, target.model)
        tables.add_missing(client, live, after, since, partitions, names)
    client.command(f"rename table {since} to {quoted_table(place, name)}")


def _differing(client: Client, warehouse: str, built: str, change: Change) -> list[str]:
    """Ids of the partitions, of either table, that hold a period which differs."""
    days = ", ".join(f"toDate('{period.day}')" for period in change.periods if not period.same)
    if not days:
        return []
    condition = f"toDate(`{change.target.column}`) in ({days})"
    found = (
        tables.partitions_with(client, quoted_table(database, change.target.model), condition)
        for database in (warehouse, built)
    )
    return sorted(set().union(*found))


def _written_to(client: Client, warehouse: str, built: str, target: Target, partitions: Sequence[str]) -> bool:
    """Whether the live partitions hold anything else than when the build began (a merge counts, too)."""
    now = tables.parts(client, warehouse, target.model, partitions)
    return bool(now - tables.parts(client, built, target.model + tables.BASIS, partitions))
