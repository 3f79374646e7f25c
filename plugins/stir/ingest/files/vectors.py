"""Judges the plain rows of a block all at once, in columns: cells of CSV, or records that a plan made.

A row is plain if every cell is written in a usual way and keeps its contract: then the row that the checker would make
is known without asking it. Every other row goes to the checker, which alone refuses, repairs and explains. A condition
here may be too strict, which costs time; it must never be too lax.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

from stir.ingest.columns import HELD, SKEW, absent, is_plain_counts
from stir.ingest.documents import text_of
from stir.ingest.files.cells import FALSE, TRUE, Cells
from stir.ingest.files.dates import DateReader
from stir.sources.contract import Contract, Field
from stir.sources.json_schema import is_enforced, pattern

if TYPE_CHECKING:
    import polars

_BLANKS = "".join(sign for sign in map(chr, range(0x3001)) if sign.isspace())
"""What Python's strip takes off."""
_PLAIN = "?"
"""Column of the verdict, which no contract has."""
_SECOND = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_MOMENT = f"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[T ]{_SECOND}"
_FRACTIONS = {"DateTime64(6, 'UTC')": r"(?:\.[0-9]{1,6})?", "DateTime('UTC')": ""}
_INTEGER = "^-?(?:0|[1-9][0-9]{0,18})$"
_NUMBER = r"^-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?$"
_ODD_COUNT = "[^0-9]0[0-9]|[0-9]{16}"
"""Digits in a document that are no plain count: with a leading zero, or too many."""


@dataclass(frozen=True)
class PlainRows:
    """The plain rows of a block as columns of the table with their places, and the places of the other ones."""

    rows: polars.DataFrame
    plain: list[int]
    others: list[int]

    def at(self, places: Sequence[int]) -> PlainRows:
        """The same rows where these places are counted otherwise."""
        return replace(self, plain=[places[each] for each in self.plain], others=[places[each] for each in self.others])

    def only(self, wanted: Collection[int]) -> PlainRows:
        """The rows of these places alone; the others are as if they were not plain."""
        kept = [place in wanted for place in self.plain]
        if all(kept):
            return self
        left = [place for place, is_kept in zip(self.plain, kept, strict=True) if not is_kept]
        plain = [place for place in self.plain if place in wanted]
        return PlainRows(self.rows.filter(kept), plain, sorted(self.others + left))

    def stream(self) -> bytes:
        """The rows as a stream of Arrow's format that ClickHouse reads."""
        import polars

        stream = BytesIO()
        self.rows.write_ipc_stream(stream, compat_level=polars.CompatLevel.oldest())
        return stream.getvalue()


class Vectors:
    """The columns of one table as a file fills them.

    Args:
        mapping: our column to theirs. constants: our column to its one value.
        dates: how the moments of each of our columns are written.
    """

    def __init__(
        self,
        contract: Contract,
        mapping: Mapping[str, str],
        constants: Mapping[str, Any],
        cells: Cells,
        dates: Mapping[str, DateReader],
    ) -> None:
        self._contract, self._mapping, self._constants = contract, mapping, constants
        self._cells, self._dates = cells, dates
        self._given = {*mapping, *constants}

    @classmethod
    def of_records(cls, contract: Contract, names: Sequence[str]) -> Vectors:
        """The columns of records that a plan made, which have these names: their values are read already."""
        dates = {field.name: DateReader() for field in contract.fields}
        return cls(contract, {name: name for name in names}, {}, Cells(()), dates)

    @property
    def is_usable(self) -> bool:
        """Whether rows of this file can be plain at all."""
        for field in self._contract.fields:
            given = field.name in self._given
            if "Tuple" in field.type or (not given and (field.required or field.counters)):
                return False
            if given and field.required and field.logical in ("day", "list"):
                return False
            if given and field.logical == "moment" and self._dates[field.name].formats:
                return False
            if given and field.logical == "number" and self._cells.decimal != ".":
                return False
        return True

    def judge(self, records: Sequence[Mapping[str, Any] | None], arrived: datetime) -> PlainRows | None:
        """The plain rows of a block; None if its values are no columns of text. A torn record is None."""
        found = [values or {} for values in records]
        return self._judge(
            {
                field.name: [self._constants[field.name]] * len(found)
                if field.name in self._constants
                else [values.get(self._mapping[field.name]) for values in found]
                for field in self._contract.fields
                if field.name in self._given
            },
            arrived,
        )

    def judge_records(self, records: Sequence[Mapping[str, Any]], arrived: datetime) -> PlainRows | None:
        """As `judge`, for records whose values are what the checker takes: each is written as a plain cell says it."""
        columns: dict[str, list[str | None]] = {}
        for field in self._contract.fields:
            if field.name in self._given:
                write = _WRITERS.get(field.logical, _text_cell)
                columns[field.name] = [write(values.get(field.name)) for values in records]
        return self._judge(columns, arrived)

    def _judge(self, columns: Mapping[str, list[str | None]], arrived: datetime) -> PlainRows | None:
        import polars as pl

        try:
            raw = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
        except (TypeError, UnicodeEncodeError, pl.exceptions.PolarsError):
            return None
        values, conditions = [], []
        for field in self._contract.fields:
            nothing = pl.lit(absent(field, arrived), dtype=_dtype(field))
            if field.name not in self._given:
                values.append(nothing.alias(field.name))
                continue
            cell = pl.col(field.name)
            plain, value = self._read(raw, field, cell, arrived)
            if not field.required and not field.counters:
                plain |= cell == ""
                value = pl.when(cell == "").then(nothing).otherwise(value)
            conditions.append(plain)
            values.append(value.alias(field.name))
        late = [
            pl.col(field.name).is_null()
            | pl.col(field.not_after).is_null()
            | (pl.col(field.name) <= pl.col(field.not_after) + SKEW)
            for field in self._contract.fields
            if field.not_after
        ]
        judged = raw.select(*values, pl.all_horizontal(conditions).fill_null(False).alias(_PLAIN))
        flags = judged.select(pl.all_horizontal(_PLAIN, *late)).to_series()
        others = (~flags).arg_true().to_list()
        rows = judged.drop(_PLAIN)
        return PlainRows(rows.filter(flags) if others else rows, flags.arg_true().to_list(), others)

    def _read(
        self, raw: polars.DataFrame, field: Field, cell: polars.Expr, arrived: datetime
    ) -> tuple[polars.Expr, polars.Expr]:
        """Whether a cell is plain, and its value if it is."""
        import polars as pl

        if field.logical == "text":
            return self._text(field, cell), cell
        if field.logical == "json":
            return self._document(raw, field, cell), cell
        said = ~cell.str.to_lowercase().is_in(sorted(self._cells.nulls))
        if field.logical == "integer":
            number = cell.str.to_integer(strict=False, dtype=pl.Int64)
            plain = cell.str.contains(_INTEGER) & number.is_not_null() & _within(number, *field.range)
            return plain, number.cast(_dtype(field), strict=False)
        if field.logical == "number":
            number = cell.cast(pl.Float64, strict=False)
            return said & cell.str.contains(_NUMBER) & _within(number, *field.range), number
        if field.logical == "boolean":
            lower = cell.str.to_lowercase()
            return lower.is_in(sorted(TRUE | FALSE)), lower.is_in(sorted(TRUE))
        if field.logical == "moment":
            return self._moment(field, cell, arrived)
        return pl.lit(False), pl.lit(None, dtype=_dtype(field))

    def _text(self, field: Field, cell: polars.Expr) -> polars.Expr:
        # The longest word for nothing is shorter than a text that cannot be one, whatever folding does to it.
        nulls = self._cells.text_nulls
        is_ascii = cell.str.len_bytes() == cell.str.len_chars()
        not_null = (cell.str.len_chars() > max(map(len, nulls), default=0)) | (
            is_ascii & ~cell.str.to_lowercase().is_in(sorted(nulls))
        )
        found = not_null & (cell != "") & (cell.str.strip_chars(_BLANKS) == cell)
        if field.max_bytes and is_enforced(field):
            found &= cell.str.len_bytes() <= field.max_bytes
        expected = pattern(field)
        if expected and field.words:
            found &= cell.str.to_lowercase().is_in([word.lower() for word in field.words]) & is_ascii
        elif expected:
            found &= cell.str.contains(expected)
        return found

    def _document(self, raw: polars.DataFrame, field: Field, cell: polars.Expr) -> polars.Expr:
        import polars as pl

        if not field.counters:
            return cell.str.strip_chars(_BLANKS) != ""
        shape = cell.str.replace_all("[0-9]+", "0")
        shapes = raw.select(shape.alias("shape")).to_series()
        # Documents of one crawler have few shapes, so each shape is read once.
        plain = [each for each in shapes.unique().drop_nulls() if is_plain_counts(each, field.counters)]
        return shape.is_in(pl.Series(plain, dtype=pl.String).implode()) & ~cell.str.contains(_ODD_COUNT)

    def _moment(self, field: Field, cell: polars.Expr, arrived: datetime) -> tuple[polars.Expr, polars.Expr]:
        import polars as pl

        form = f"{_MOMENT}{_FRACTIONS[field.plain_type]}(?:Z|\\+00:00)?$"
        digits = cell.str.slice(0, 19).str.replace("T", " ", literal=True)
        whole = digits.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="us", time_zone="UTC")
        parts = cell.str.extract(r"\.([0-9]{1,6})").str.pad_end(6, "0").str.to_integer(strict=False).fill_null(0)
        found = whole + pl.duration(microseconds=parts) if _FRACTIONS[field.plain_type] else whole
        least, greatest = HELD[field.plain_type]
        bounds: list[tuple[Any, Any]] = [(least, greatest)]
        if is_enforced(field):
            bounds.append((field.minimum, field.maximum))
        if field.default == "arrival":
            bounds.append((None, arrived + SKEW))
        condition = cell.str.contains(form) & found.is_not_null()
        for lower, upper in bounds:
            condition &= _within(found, lower, upper)
        return condition, found


def _text_cell(value: Any) -> str | None:
    """The cell of a text or a moment; empty for nothing, None for what only the checker reads."""
    return "" if value is None else value if value.__class__ is str and value else None


def _number_cell(value: Any) -> str | None:
    return "" if value is None else repr(value) if value.__class__ in (int, float) else None


def _flag_cell(value: Any) -> str | None:
    return "" if value is None else ("true" if value else "false") if value.__class__ is bool else None


def _document_cell(value: Any) -> str | None:
    if value.__class__ is not dict:
        return _text_cell(value)
    if not all(each.__class__ in (int, bool) for each in value.values()):
        return None
    return text_of(value)


def _within(value: polars.Expr, least: Any, greatest: Any) -> polars.Expr:
    """Whether a value lies within bounds that may be absent. No plain integer lies beyond those of 64 bits."""
    import polars as pl

    found = pl.lit(True)
    if least is not None and not (isinstance(least, int) and least <= -(2**63)):
        found &= value >= least
    if greatest is not None and not (isinstance(greatest, int) and greatest >= 2**63 - 1):
        found &= value <= greatest
    return found


_WRITERS: dict[str, Callable[[Any], str | None]] = {
    "integer": _number_cell,
    "number": _number_cell,
    "boolean": _flag_cell,
    "json": _document_cell,
}


def _dtype(field: Field) -> Any:
    """The type of the column that is sent for a field."""
    import polars as pl

    if field.logical == "list":
        return pl.List(pl.String)
    types = {
        "String": pl.String,
        "Bool": pl.Boolean,
        "Float64": pl.Float64,
        "Int8": pl.Int8,
        "Int16": pl.Int16,
        "Int32": pl.Int32,
        "Int64": pl.Int64,
        "UInt8": pl.UInt8,
        "UInt16": pl.UInt16,
        "UInt32": pl.UInt32,
        "UInt64": pl.UInt64,
        "Date": pl.Date,
    }
    return types.get(field.plain_type) or pl.Datetime("us", "UTC")
