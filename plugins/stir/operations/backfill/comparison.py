"""Compares what a backfill built with the live tables: rows by period, sums by column, and the keys that move most."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from clickhouse_connect.driver.binding import quote_identifier
from clickhouse_connect.driver.client import Client

from stir.connections import quoted_table
from stir.operations.backfill import tables
from stir.operations.backfill.plan import Target
from stir.transform.comparison import Difference, compare, side

MOVERS = 3
"""So many columns are searched for the keys that move most, and so many keys are shown of each."""
_NUMBER = re.compile(r"(Nullable\()?(U?Int\d+|Float\d+|Decimal.*)\)?")
_NEARLY = 1e-9
"""Sums of floats that differ by less, relatively, are the same: the order of adding is not fixed."""

_BY_PERIOD = """
select
    if(new.present, new.period, old.period) as period,
    countIf(old.present), countIf(new.present),
    countIf(not old.present), countIf(not new.present),
    countIf(old.present and new.present and old.hashes != new.hashes)
from ({old}) as old full outer join ({new}) as new using (key)
group by period order by period
settings join_use_nulls = 0
"""


@dataclass(frozen=True)
class Period:
    """Rows of the live table and of the new one that stand at one day, week or month."""

    day: date
    rows_before: int
    rows_after: int
    added: int
    removed: int
    changed: int

    @property
    def same(self) -> bool:
        return not (self.added or self.removed or self.changed)


@dataclass(frozen=True)
class Mover:
    """A key whose value of a column changes much."""

    column: str
    key: str
    before: float | None
    after: float | None


@dataclass(frozen=True)
class Change:
    """What a backfill would change in one model.

    Attributes:
        sums: column to its sum before and after, where it differs.
        movers: of the columns whose sums change most, the keys that change most.
    """

    target: Target
    difference: Difference
    periods: tuple[Period, ...]
    sums: Mapping[str, tuple[float, float]]
    movers: tuple[Mover, ...]

    @property
    def same(self) -> bool:
        return all(period.same for period in self.periods)

    @property
    def lost(self) -> int:
        """How many rows fewer there would be."""
        return max(sum(each.rows_before - each.rows_after for each in self.periods), 0)


def compare_target(client: Client, warehouse: str, target: Target) -> Change:
    """The days of a model, as they were built beside, compared with the live table."""
    database = tables.beside(warehouse)
    where = target.condition
    types = tables.columns(client, warehouse, target.model)
    difference = compare(client, target.model, target.key, warehouse, database, where=where)
    periods = _periods(client, warehouse, database, target, where, list(types))
    if all(period.same for period in periods):
        return Change(target, difference, periods, {}, ())
    numbers = [
        name
        for name, kind in types.items()
        if _NUMBER.fullmatch(kind) and name not in target.key and not name.startswith("_")
    ]
    sums = _sums(client, warehouse, database, target, where, numbers)
    most = sorted(sums, key=lambda name: -_relative(*sums[name]))[:MOVERS]
    movers = tuple(mover for name in most for mover in _movers(client, warehouse, database, target, where, name))
    return Change(target, difference, periods, sums, movers)


def _relative(before: float, after: float) -> float:
    return abs(after - before) / max(abs(before), abs(after), 1e-300)


def _periods(
    client: Client, before: str, after: str, target: Target, where: str, names: Sequence[str]
) -> tuple[Period, ...]:
    compared = [name for name in names if name not in target.key]
    period = f", toDate({quote_identifier(target.column)}) as period"
    is_final = bool(tables.final(target))
    old, new = (
        side(database, target.model, target.key, compared, final=is_final, where=where, more=period)
        for database in (before, after)
    )
    rows = client.query(_BY_PERIOD.format(old=old, new=new)).result_rows
    return tuple(Period(day, *(int(count) for count in counts)) for day, *counts in rows)


def _sums(
    client: Client, before: str, after: str, target: Target, where: str, numbers: Sequence[str]
) -> dict[str, tuple[float, float]]:
    if not numbers:
        return {}
    added = ", ".join(f"sum(toFloat64({quote_identifier(name)}))" for name in numbers)
    sides = [
        client.query(f"select {added} from {quoted_table(database, target.model)}{tables.final(target)} where {where}")
        for database in (before, after)
    ]
    both = zip(numbers, *(each.first_row for each in sides), strict=True)
    found = {name: (float(old or 0), float(new or 0)) for name, old, new in both}
    return {name: pair for name, pair in found.items() if _relative(*pair) > _NEARLY}


def _movers(client: Client, before: str, after: str, target: Target, where: str, column: str) -> list[Mover]:
    keys, value = ", ".join(map(quote_identifier, target.key)), quote_identifier(column)
    old, new = (
        f"select toString(tuple({keys})) as label, toFloat64({value}) as value "
        f"from {quoted_table(database, target.model)}{tables.final(target)} where {where}"
        for database in (before, after)
    )
    query = f"""
        select label, old.value, new.value from ({old}) as old full outer join ({new}) as new using (label)
        where ifNull(old.value, 0) != ifNull(new.value, 0)
        order by abs(ifNull(new.value, 0) - ifNull(old.value, 0)) desc, label limit {MOVERS}
        settings join_use_nulls = 1
    """
    return [Mover(column, str(label), *values) for label, *values in client.query(query).result_rows]
