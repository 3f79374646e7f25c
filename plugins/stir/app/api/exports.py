"""Rows as files: CSV that people open in a spreadsheet, and Parquet for programs; and which of them a client wants."""

from __future__ import annotations

import csv
import io
import types
import typing
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal

from fastapi import Request

from stir.app.api.problems import Problem
from stir.app.api.rows import Row

JSON = "application/json"
CSV = "text/csv; charset=utf-8"
PARQUET = "application/vnd.apache.parquet"
Form = Literal["csv", "parquet"]
MEDIA_TYPES: dict[Form, str] = {"csv": CSV, "parquet": PARQUET}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a text for a formula."""


def encode(
    media_type: str,
    rows: Sequence[Mapping[str, Any]],
    shape: type[Row],
    generations: str,
    *,
    without: Collection[str] = (),
) -> bytes:
    """Rows as a file of that media type; `shape` declares their columns, `generations` says what they were read from.
    Columns of `without` are left out.

    A file without rows has the same columns as any other.
    """
    if media_type == CSV:
        return as_csv(rows, shape, without=without)
    return as_parquet(rows, shape, generations, without=without)


def as_csv(rows: Sequence[Mapping[str, Any]], shape: type[Row], *, without: Collection[str] = ()) -> bytes:
    """Rows as CSV with a header; unknown values are empty.

    Creators choose their names, and a spreadsheet runs a text that begins as a formula does: an apostrophe before it
    makes it text.
    """
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    names = [name for name in shape.model_fields if name not in without]
    writer.writerow(names)
    writer.writerows([_cell(row[name]) for name in names] for row in rows)
    return written.getvalue().encode()


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def as_parquet(
    rows: Sequence[Mapping[str, Any]], shape: type[Row], generations: str, *, without: Collection[str] = ()
) -> bytes:
    """Rows as Parquet: columns have the types that `shape` declares, and the metadata names the generations."""
    import polars

    to_polars: dict[type, Any] = {
        int: polars.Int64,
        float: polars.Float64,
        bool: polars.Boolean,
        date: polars.Date,
        datetime: polars.Datetime("us", "UTC"),
    }
    kinds = {name: _kind(field.annotation) for name, field in shape.model_fields.items() if name not in without}
    columns = {name: [_value(row[name], kind) for row in rows] for name, kind in kinds.items()}
    frame = polars.DataFrame(columns, schema={name: to_polars.get(kind, polars.String) for name, kind in kinds.items()})
    written = io.BytesIO()
    frame.write_parquet(written, metadata={"stir.generations": generations})
    return written.getvalue()


def _kind(annotation: Any) -> type:
    """The one type of a declared column; a choice of words is a text."""
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is typing.Union:
        annotation = next(one for one in typing.get_args(annotation) if one is not type(None))
    return annotation if isinstance(annotation, type) else str


def _value(value: Any, kind: type) -> Any:
    if value is None or kind not in (date, datetime, float):
        return value
    return float(value) if kind is float else kind.fromisoformat(value)  # type: ignore[attr-defined]


def wanted(request: Request, offered: Sequence[str] = (JSON,)) -> str:
    """The media type, of those offered, that the client's Accept prefers; the first one where it takes anything.

    Raises:
        Problem: 406, it takes none of them.
    """
    header = request.headers.get("accept", "").strip()
    if not header:
        return offered[0]
    best: tuple[float, str] = (0.0, "")
    asked = [_accepted(part) for part in header.split(",")]
    for media_type in offered:
        name = media_type.partition(";")[0]
        main = name.partition("/")[0]
        ways = (name, f"{main}/*", "*/*")
        # The most exact of the client's ranges counts for a type (RFC 9110).
        weight = next((weight for way in ways for range_, weight in asked if range_ == way), 0.0)
        if weight > best[0]:
            best = weight, media_type
    if not best[1]:
        names = ", ".join(name.partition(";")[0] for name in offered)
        raise Problem(406, f"Accept takes nothing of what there is here: {names}", kind="not-acceptable")
    return best[1]


def _accepted(part: str) -> tuple[str, float]:
    name, _, parameters = part.strip().partition(";")
    weight = 1.0
    for parameter in parameters.split(";"):
        key, _, value = parameter.strip().partition("=")
        if key == "q":
            try:
                weight = float(value)
            except ValueError:
                weight = 0.0
    return name.strip().lower(), weight
