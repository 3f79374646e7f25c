"""Reads the records of a file with the line on which each begins."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from stir.errors import StirError
from stir.ingest.files.json_lists import first_sign, items, no_objects
from stir.ingest.files.opening import Counted, TextForm, damaged, decompressed, kind_of, lines_of, text_form
from stir.ingest.files.source import NoTableError, Record, Source, named
from stir.ingest.files.workbooks import open_workbook

LONGEST_FIELD = 1 << 20
"""A longer field is a quote that was opened and never closed."""
DELIMITERS = ",;\t|"
_SAMPLE = 1000


def open_source(
    path: Path, *, encoding: str | None = None, delimiter: str | None = None, sheet: str | None = None
) -> Source:
    """Open a file by what it holds.

    Args:
        sheet: the sheet of a workbook; its first one by default.

    Raises:
        StirError: it is empty, or no table.
    """
    if not path.exists():
        raise StirError("there is no such file", where=str(path), do="check the path")
    kind = kind_of(path)
    if kind == "workbook":
        return open_workbook(path, sheet)
    if sheet is not None:
        raise StirError("the file is no workbook and has no sheets", where=str(path), do="leave out --sheet")
    if kind == "parquet":
        return _parquet(path)
    form = text_form(path, encoding)
    text, counted = _open_text(path, form)
    source = _json(path, text, form, counted) if kind == "json" else _csv(path, text, form, counted, delimiter)
    if form.is_damaged:
        source.notes.append(f"some bytes are no {form.encoding}; each stands as \ufffd now")
    return source


def _open_text(path: Path, form: TextForm) -> tuple[io.TextIOWrapper, Counted]:
    stream, counted = decompressed(path)
    # A line ends at a line feed, as editors count; at a carriage return only in a file without one.
    ending = "\n" if b"\n" in stream.peek(1 << 16) else ""  # type: ignore[attr-defined]
    return io.TextIOWrapper(stream, encoding=form.encoding, errors="replace", newline=ending), counted


class _Lines:
    """The lines of a text, with those that the CSV reader has taken since the last record, and a way to give back."""

    def __init__(self, text: Iterable[str]) -> None:
        self._text = iter(text)
        self._waiting: list[str] = []
        self.number = 0
        self.taken: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._waiting.pop() if self._waiting else next(self._text)
        if "\0" in line:
            line = line.replace("\0", "\ufffd")
        self.number += 1
        self.taken.append(line)
        return line

    def give_back(self) -> str:
        """Return to the second line since the last record; the first one."""
        first, *rest = self.taken
        self._waiting += reversed(rest)
        self.number -= len(rest)
        self.taken = []
        return first


def _csv(path: Path, text: io.TextIOWrapper, form: TextForm, counted: Counted, wanted: str | None) -> Source:
    csv.field_size_limit(LONGEST_FIELD)
    lines = _Lines(lines_of(text, path))
    first = next((line for line in lines if line.strip("\ufeff \t\r\n,;|")), "").lstrip("\ufeff")
    if first.lower().startswith("sep=") and len(first.strip()) == 5:  # a line of Excel's
        wanted = wanted or first.strip()[4]
        first = next((line for line in lines if line.strip()), "")
    if not first.strip():
        raise NoTableError("the file has no rows", where=str(path))
    delimiter = wanted or _delimiter(first)
    # A heading may hold a line break inside its quotes.
    lines._waiting.append(first)
    lines.number -= 1
    lines.taken = []
    try:
        heading = next(_reader(lines, delimiter))
    except csv.Error as error:
        raise StirError(f"the heading cannot be read: {error}", where=f"{path} line {lines.number}") from None
    lines.taken = []
    while heading and not heading[-1].strip():
        heading.pop()
    columns, notes = named(heading)
    separator = {"\t": "tabs"}.get(delimiter, f"{delimiter!r}")
    source = Source(
        path, f"CSV with {separator}, {form.encoding}", columns, iter(()), lambda: counted.done, delimiter, notes
    )
    source.records = _csv_records(source, lines, heading, delimiter)
    return source


def _reader(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    return csv.reader(lines, delimiter=delimiter, strict=True)


def _delimiter(line: str) -> str:
    outside = "".join(line.split('"')[::2])
    return max(DELIMITERS, key=lambda each: (outside.count(each), -DELIMITERS.index(each)))


def _csv_records(source: Source, lines: _Lines, heading: list[str], delimiter: str) -> Iterator[Record]:
    reader, width = _reader(lines, delimiter), len(heading)
    while True:
        line = lines.number + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            text = lines.give_back()
            reader = _reader(lines, delimiter)
            said = "a quote is not closed" if "end of data" in str(error) or "limit" in str(error) else str(error)
            yield Record(line, None, f"the line cannot be read: {said}", text.rstrip("\r\n"))
            continue
        except (EOFError, OSError) as error:
            raise damaged(source.path, error) from error
        text_lines, lines.taken = lines.taken, []
        if len(row) != width:
            while len(row) > width and not row[-1].strip():
                row.pop()
            if not any(cell.strip() for cell in row):
                source.skip("empty lines")
                continue
            if len(row) != width and not _is_total(row):
                said = f"{len(row)} values where the heading has {width}"
                yield Record(line, None, said, "".join(text_lines).rstrip("\r\n"))
                continue
        elif not row[0] and not any(cell.strip() for cell in row):
            source.skip("empty lines")
            continue
        if row == heading:
            source.skip("repeated headings")
            continue
        yield Record(line, dict(zip(source.columns, row, strict=False)))


TOTALS = frozenset(
    {"total", "totals", "grand total", "sum", "summe", "gesamt", "totale", "suma", "итого", "合計", "总计"}
)


def _is_total(row: Iterable[Any]) -> bool:
    for value in row:  # every record is asked, so nothing is built for it
        if (cell := "" if value is None else str(value)).strip():
            return cell.strip(" :").casefold() in TOTALS
    return False


def is_totals_line(values: dict[str, Any]) -> bool:
    """Whether a record's first value says that the line sums up the others."""
    return _is_total(values.values())


def parse_line(text: str, columns: list[str], delimiter: str) -> dict[str, Any] | None:
    """The record of one line of CSV; None if it is none."""
    try:
        (row,) = _reader(io.StringIO(text, newline=""), delimiter or ",")
    except (csv.Error, ValueError):
        return None
    return dict(zip(columns, row, strict=True)) if len(row) == len(columns) else None


def _json(path: Path, text: io.TextIOWrapper, form: TextForm, counted: Counted) -> Source:
    if (start := first_sign(text)) == "[":
        return _json_array(path, text, form)
    records = _json_records(lines_of(text, path), start)
    ahead = list(islice(records, _SAMPLE))
    columns = list(dict.fromkeys(name for each in ahead for name in each.values or ()))
    if not columns:
        raise no_objects(path)

    def all_records() -> Iterator[Record]:
        yield from ahead
        yield from records

    return Source(path, f"JSON lines, {form.encoding}", columns, all_records(), lambda: counted.done)


def _json_records(lines: Iterable[str], start: str) -> Iterator[Record]:
    for number, rest in enumerate(lines, start=1):
        if line := (start + rest if number == 1 else rest).strip():
            values, fault = _object(line)
            yield Record(number, values, fault, "" if values is not None else line)


def _object(line: str) -> tuple[dict[str, Any] | None, str]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        return None, f"the line is no JSON: {error}"
    return (found, "") if isinstance(found, dict) else (None, "the line is no JSON object")


def _json_array(path: Path, text: io.TextIOWrapper, form: TextForm) -> Source:
    """A list is read twice: for its columns and its faults, before anything is loaded, and for its records."""
    try:
        columns = list(dict.fromkeys(name for item in items(text) if isinstance(item, dict) for name in item))
    except ValueError as error:
        raise StirError(f"the file is no JSON: {error}", where=str(path)) from None
    again, counted = _open_text(path, form)
    first_sign(again)
    found = (
        Record(number, item) if isinstance(item, dict) else Record(number, None, "no JSON object", json.dumps(item))
        for number, item in enumerate(items(again), start=1)
    )
    return Source(path, "a JSON list", columns, found, lambda: counted.done)


def _parquet(path: Path) -> Source:
    import duckdb

    connection = duckdb.connect()
    try:
        result = connection.execute("select * from read_parquet(?)", [str(path)])
    except duckdb.Error as error:
        raise StirError(f"the file is no readable Parquet: {str(error).splitlines()[0]}", where=str(path)) from None
    columns = [name for name, *_ in result.description or ()]
    size, read = path.stat().st_size, [0]

    def records() -> Iterator[Record]:
        number = 0
        while rows := result.fetchmany(5000):
            for row in rows:
                number += 1
                yield Record(number, dict(zip(columns, row, strict=True)))
            read[0] = size if len(rows) < 5000 else read[0]
        connection.close()

    return Source(path, "Parquet", columns, records(), lambda: read[0])
