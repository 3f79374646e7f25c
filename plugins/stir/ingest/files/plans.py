"""What becomes of a record of a file: rows of source tables, or the reasons why there are none."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

from stir.errors import StirError
from stir.ingest.files.cells import Cell, Cells
from stir.ingest.files.columns import match_columns
from stir.ingest.files.dates import DateReader, reader_for
from stir.ingest.files.vectors import Vectors
from stir.ingest.records import Checker, Violation, checker
from stir.sources.contract import Contract, contract

NAMESPACE = UUID("6f1d8a52-9d1a-5c0e-8a53-6f0d1c3a2b17")
"""Ids that are derived from what a row says are UUIDs of version 5 in this namespace."""
_FIRST_ID = 1 << 62
"""Derived numbers begin here: no id of a crawler is as great."""


@dataclass(frozen=True)
class Options:
    """How a file is to be read; a load is known by them, the file and the contract."""

    maps: tuple[tuple[str, str], ...] = ()
    sets: tuple[tuple[str, str], ...] = ()
    dates: tuple[str, ...] = ()
    nulls: tuple[str, ...] | None = None
    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    sheet: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The options as JSON has them."""
        found = asdict(self)
        if self.sheet is None:  # loads from before there were sheets are known by options without it
            del found["sheet"]
        return found

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Options:
        """The options that `as_dict` gave."""
        pairs = {name: tuple(map(tuple, values[name])) for name in ("maps", "sets")}
        nulls = None if values["nulls"] is None else tuple(values["nulls"])
        return cls(**{**values, **pairs, "dates": tuple(values["dates"]), "nulls": nulls})


@dataclass
class Made:
    """Rows of a record, each with its table; or the violations for which it was refused."""

    rows: list[tuple[str, dict[str, Any]]]
    violations: Sequence[Violation] = ()
    emptied: int = 0
    key: str = ""


@dataclass
class Derived:
    """What one record says, by table and before any contract judges it; with `faults` it is refused already."""

    records: dict[str, dict[str, Any]]
    faults: list[Violation]
    key: str = ""

    def judged(self, checkers: Mapping[str, Checker], arrived: datetime) -> Made:
        """The rows, if the contract of each table takes its record."""
        rows, faults, emptied = [], list(self.faults), 0
        for table, record in self.records.items():
            verdict = checkers[table].check(record, arrived)
            if verdict.row is None:
                faults += (each for each in verdict.violations if each.effect == "refuse")
            else:
                rows.append((table, verdict.row))
                emptied += len(verdict.violations)
        return Made([], faults, key=self.key) if faults else Made(rows, emptied=emptied)


class Plan(ABC):
    """Turns the records of one file into rows.

    Attributes:
        tables: tables that get rows.
        version: what identifies the contracts behind it.
        mapping: our column to theirs.
        formats: how the dates of each of our columns are written.
        said: what was derived or assumed, for the person who loads.
        checkers: the judge of each table's records.
        cells: judges the cells of a CSV file in columns; None where no row can be told by its cells alone.
    """

    tables: tuple[str, ...]
    version: str
    mapping: dict[str, str]
    formats: dict[str, list[str]]
    said: list[str]
    checkers: Mapping[str, Checker]

    cells: Vectors | None = None

    @abstractmethod
    def derive(self, values: Mapping[str, Any], arrived: datetime) -> Derived:
        """What one record says."""

    def make(self, values: Mapping[str, Any], arrived: datetime) -> Made:
        """What becomes of one record."""
        return self.derive(values, arrived).judged(self.checkers, arrived)


class Columns:
    """The columns of a file by our names: how each is found, and how its cells are read."""

    def __init__(
        self,
        options: Options,
        theirs: Sequence[str],
        sample: Sequence[Mapping[str, Any]],
        ours: Mapping[str, Sequence[str]],
        moments: Sequence[str],
        *,
        delimiter: str,
        where: str,
        formats: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.constants = dict(options.sets)
        self.mapping = match_columns(theirs, ours, dict(options.maps), self.constants, where=where)
        self.cells = Cells(options.nulls, options.decimal or ("," if delimiter == ";" else "."))
        self.dates: dict[str, DateReader] = {
            our: reader_for(
                self.mapping.get(our, our),
                (each.get(self.mapping[our]) for each in sample if not self.cells.is_null(each.get(self.mapping[our])))
                if our in self.mapping
                else (),
                options.dates,
                where,
            )
            if formats is None
            else DateReader(formats.get(our, ()))
            for our in moments
        }
        self.formats = {our: list(reader.formats) for our, reader in self.dates.items()}
        self.unused = [name for name in theirs if name not in self.mapping.values()]

    def has(self, our: str) -> bool:
        """Whether the file has the column, or a constant stands for it."""
        return our in self.mapping or our in self.constants

    def get(self, our: str, values: Mapping[str, Any]) -> Any:
        """What a record holds under our name."""
        return self.constants[our] if our in self.constants else values.get(self.mapping.get(our, ""))


class TablePlan(Plan):
    """Records become rows of one table: columns by name, cells by the contract's types."""

    def __init__(
        self,
        table: str,
        options: Options,
        theirs: Sequence[str],
        sample: Sequence[Mapping[str, Any]],
        *,
        delimiter: str = "",
        where: str = "",
        formats: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._contract: Contract = contract(table)
        fields = self._contract.fields
        moments = [field.name for field in fields if field.logical in ("moment", "day")]
        ours: dict[str, Sequence[str]] = {field.name: () for field in fields}
        columns = Columns(options, theirs, sample, ours, moments, delimiter=delimiter, where=where, formats=formats)
        self.formats = columns.formats
        self.tables: tuple[str, ...] = (table,)
        self.version = f"{table} {self._contract.version}"
        self.mapping = columns.mapping
        self.checkers = {table: checker(table)}
        self._readers: list[tuple[str, str, Cell]] = []
        self._fixed: dict[str, Any] = {}
        for field in fields:
            cell = columns.cells.cell(field, columns.dates.get(field.name, DateReader()))
            if field.name in columns.constants:
                self._fixed[field.name] = cell(columns.constants[field.name])
            elif field.name in columns.mapping:
                self._readers.append((field.name, columns.mapping[field.name], cell))
        if not self._readers:
            raise StirError(
                f"no column of the file has the name of a column of {table}",
                where=where,
                do=f"name them with --map theirs=ours; ours are {', '.join(ours)}",
            )
        self._key = self._contract.key
        self._derives = self._key not in {*self._fixed, *columns.mapping} and self._key in self._contract.by_name
        vectors = Vectors(self._contract, columns.mapping, columns.constants, columns.cells, columns.dates)
        self.cells = None if self._derives or not vectors.is_usable else vectors
        self._natural = [field.name for field in fields if field.pattern] or [field.name for field in fields]
        self.said = [f"columns not loaded: {', '.join(columns.unused)}"] if columns.unused else []
        if self._derives:
            self.said.append(f"{self._key} is derived from what each row says, so the same row has the same id")

    def derive(self, values: Mapping[str, Any], arrived: datetime) -> Derived:
        """What one record says."""
        record = dict(self._fixed)
        for ours, theirs, cell in self._readers:
            record[ours] = cell(values.get(theirs))
        if self._derives:
            natural = {name: record.get(name) for name in self._natural if record.get(name) is not None}
            text = json.dumps([self._contract.name, natural], sort_keys=True, default=str)
            integer = self._contract.by_name[self._key].logical == "integer"
            record[self._key] = derived_number(text) if integer else str(uuid5(NAMESPACE, text))
        return Derived({self._contract.name: record}, [], str(record.get(self._key) or ""))


def derived_number(text: str) -> int:
    """A number for a text, always the same one, above every number that is no derived one."""
    return _FIRST_ID + int.from_bytes(sha256(text.encode()).digest()[:7], "big")
