"""A warehouse to compare with definitions: its tables as rows, and the ledger of what was compared."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

import polars as pl
import polars.selectors as cs

from stir import connections
from stir.publish.tables import SPECS
from stir.settings import Settings

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

Row = dict[str, Any]
FLOAT_TOLERANCE = 1e-9
"""Relative; everything else is compared exactly."""

TIME_OF_BUILD = {"computed_as_of", "computed_at"}


@dataclass(frozen=True)
class Compared:
    """One model compared in one world."""

    seed: int
    model: str
    columns: int
    rows: int
    differences: int


@dataclass
class Subject:
    """The warehouse built on the world of one seed, as of a moment (naive, UTC)."""

    seed: int
    settings: Settings
    as_of: datetime
    ledger: list[Compared] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.client: Client = connections.clickhouse(self.settings)
        self.database = self.settings.clickhouse_database

    def read(self, sql: str) -> pl.DataFrame:
        """The answer of a query; times without their zone, which is UTC everywhere."""
        arrow = self.client.raw_query(
            sql,
            fmt="ArrowStream",
            settings={"output_format_arrow_string_as_string": 1, "output_format_arrow_compression_method": "none"},
        )
        frame = pl.read_ipc_stream(BytesIO(arrow))
        return frame.with_columns(cs.datetime().dt.replace_time_zone(None).dt.cast_time_unit("us"))

    def rows(self, sql: str) -> list[Row]:
        """The answer of a query as dictionaries; days as days, times as naive UTC, maps as dictionaries."""
        result = self.client.query(sql, query_tz="UTC")
        names = result.column_names
        return [dict(zip(names, map(plain, row), strict=True)) for row in result.result_rows]

    def columns(self, model: str) -> list[str]:
        """The columns of a model apart from the time of its build."""
        known = self.client.query(
            "select name from system.columns where database = {db:String} and table = {name:String} order by position",
            parameters={"db": self.database, "name": model},
        )
        return [name for (name,) in known.result_rows if name not in TIME_OF_BUILD]

    def compare(
        self,
        model: str,
        key: list[str],
        expected: list[Row],
        *,
        columns: list[str] | None = None,
        final: bool = False,
        where: str = "true",
    ) -> None:
        """Fail unless the model has exactly the expected rows, in the given columns, by default all of them."""
        rows = f"{self.database}.{model}{' final' if final else ''} where {where}"
        self._compare(model, rows, key, expected, columns or self.columns(model))

    def compare_published(self, name: str, expected: list[Row]) -> None:
        """Fail unless readers of a published table get exactly the expected rows, in every column that it has.

        What its mart has besides is compared as well; `computed_as_of` is the moment of the build.
        """
        spec = SPECS[name]
        rows = f"{self.database}.{spec.mart}{' final' if spec.final else ''}"
        columns = [column.name for column in spec.columns]
        if spec.query:
            rows = f"({spec.query.replace('{mart}', rows)})"
        else:
            columns += [name for name in self.columns(spec.mart) if name not in columns]
        known = [{"computed_as_of": self.as_of} | row for row in expected]
        self._compare(f"{name}, as published", rows, list(spec.key), known, columns)

    def _compare(self, model: str, rows: str, key: list[str], expected: list[Row], compared: list[str]) -> None:
        assert expected, f"{model}: nothing is expected, so nothing would be compared"
        missing = set(compared) - set(expected[0])
        assert not missing, f"{model}: no definition of {missing}"
        chosen = ", ".join(dict.fromkeys([*key, *compared]))
        found = {tuple(row[name] for name in key): row for row in self.rows(f"select {chosen} from {rows}")}
        wanted = {tuple(row[name] for name in key): row for row in expected}
        assert len(wanted) == len(expected)
        wrong = [(place, "row", place in found, place in wanted) for place in found.keys() ^ wanted.keys()]
        wrong += [
            (place, name, found[place][name], wanted[place][name])
            for place in found.keys() & wanted.keys()
            for name in compared
            if not same(found[place][name], wanted[place][name])
        ]
        self.ledger.append(Compared(self.seed, model, len(compared), len(wanted), len(wrong)))
        assert not wrong, f"{model}: {len(wrong)} differences, first (key, column, found, expected): {wrong[:3]}"


def plain(value: object) -> object:
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


def same(found: object, expected: object) -> bool:
    """Whether two values are the same: floats within the tolerance, maps and lists element by element."""
    if isinstance(found, float) or isinstance(expected, float):
        if not (isinstance(found, int | float) and isinstance(expected, int | float)):
            return found == expected
        return math.isclose(found, expected, rel_tol=FLOAT_TOLERANCE, abs_tol=1e-300)
    if isinstance(found, dict) and isinstance(expected, dict):
        return found.keys() == expected.keys() and all(same(found[name], expected[name]) for name in found)
    if isinstance(found, list | tuple) and isinstance(expected, list | tuple):
        return len(found) == len(expected) and all(map(same, found, expected))
    return found == expected
