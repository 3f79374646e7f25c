"""A block of a file's records with what becomes of each: rows in columns, rows one by one, or the reasons for none.

A plan says what a record means; the contracts of its tables judge that, in columns as far as a record is plain there,
and one by one otherwise (docs/decisions/0070-ingest-under-faults.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from stir.ingest.files.plans import Derived, Made, Plan
from stir.ingest.files.source import Record
from stir.ingest.files.vectors import PlainRows, Vectors
from stir.ingest.records import Violation
from stir.sources.contract import contract


class Block:
    """Judged records, ready to be stored.

    Attributes:
        records: all of them, in the order of the file.
        plain: rows of plain records by table, in columns. A record is plain in all of its tables or in none.
        rows: the other rows by table.
        origins: the place of each of those rows' record.
        refused: the key of each refused record and why it was refused, by its place.

    Args:
        delimiter: what separates the cells of a CSV file; empty for a file of another kind.
    """

    def __init__(self, plan: Plan, records: Sequence[Record], arrived: datetime, delimiter: str = "") -> None:
        self.records = records
        self.plain: dict[str, PlainRows] = {}
        self.rows: dict[str, list[dict[str, Any]]] = {table: [] for table in plan.tables}
        self.origins: dict[str, list[int]] = {table: [] for table in plan.tables}
        self.refused: dict[int, tuple[str, tuple[Violation, ...]]] = {}
        if plan.cells and delimiter:
            [table] = plan.tables
            found = plan.cells.judge([record.values for record in records], arrived)
            others: Iterable[int] = found.others if found else range(len(records))
            self.plain = {table: found} if found else {}
            for place in others:
                self._add(place, made(plan, records[place], arrived))
            return
        derived = [None if each.values is None else plan.derive(each.values, arrived) for each in records]
        self._judge(derived, arrived)
        plain = set(next(iter(self.plain.values())).plain) if self.plain else set()
        for place, (record, said) in enumerate(zip(records, derived, strict=True)):
            if place in plain:
                continue
            if said is None:
                self._add(place, made(plan, record, arrived))
            else:
                self._add(place, said.judged(plan.checkers, arrived))

    def spread(self, table: str) -> None:
        """Turn the plain rows of a table into rows one by one, so that a refused one can be found."""
        found = self.plain.pop(table)
        self.rows[table] += found.rows.to_dicts()
        self.origins[table] += found.plain

    def _add(self, place: int, found: Made) -> None:
        if not found.rows:
            self.refused[place] = (found.key, tuple(found.violations))
        for table, row in found.rows:
            self.rows[table].append(row)
            self.origins[table].append(place)

    def _judge(self, derived: Sequence[Derived | None], arrived: datetime) -> None:
        """Keep the rows of the records that are plain in each of their tables."""
        said = {place: each.records for place, each in enumerate(derived) if each and not each.faults}
        plain, judged = set(said), dict[str, PlainRows]()
        for table in dict.fromkeys(table for records in said.values() for table in records):
            places = [place for place, records in said.items() if table in records]
            records = [said[place][table] for place in places]
            vectors = _vectors(table, tuple(records[0]))
            found = vectors.judge_records(records, arrived) if vectors.is_usable else None
            if found is None:
                return
            judged[table] = found.at(places)
            plain.difference_update(judged[table].others)
        self.plain = {table: found.only(plain) for table, found in judged.items()}


def made(plan: Plan, record: Record, arrived: datetime) -> Made:
    """What becomes of one record of a file."""
    if record.values is None:
        return Made([], (Violation("undecodable", "$", record.fault),))
    return plan.make(record.values, arrived)


@cache
def _vectors(table: str, names: tuple[str, ...]) -> Vectors:
    return Vectors.of_records(contract(table), names)
