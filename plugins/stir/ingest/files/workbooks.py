"""Opens a sheet of a workbook: Excel's kinds (xlsx, xlsm, xlsb, xls) and LibreOffice's (ods)."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any, cast

from stir.errors import StirError
from stir.ingest.files import sheet as sheet_program
from stir.ingest.files.source import Record, Source, named

_ABOVE = 50
"""Rows that are searched for the heading; above it people write what their table is."""
_AS_CSV = "save the sheet as CSV (File, Save As, CSV UTF-8) and load that file"


def open_workbook(path: Path, sheet: str | None = None) -> Source:
    """Open a sheet: the one that is asked for, or the first visible one that has cells. Its first row with two values
    is the heading.

    Raises:
        StirError: there is no such sheet, it is empty, too large or damaged, or a password protects it.
    """
    rows = _rows(path, sheet)
    said = next(rows)
    taken, others = said["sheet"], [name for name in said["sheets"] if name != said["sheet"]]
    ahead = list(islice(rows, _ABOVE))
    at, heading = _heading(ahead)
    columns, notes = named(["" if cell is None else str(cell) for cell in heading])
    if others and sheet is None:
        notes.insert(0, f"sheet {taken!r} was taken; --sheet takes another: {', '.join(map(repr, others))}")
    if above := sum(any(cell is not None for cell in values) for values in ahead[: at - 1]):
        notes.append(f"the heading is row {at}; {above} above it {'is' if above == 1 else 'are'} left out")
    size, read = path.stat().st_size, [0]

    def records() -> Iterator[Record]:
        for number, values in enumerate(chain(ahead[at:], rows), start=at + 1):
            read[0] = size * number // said["rows"]
            if all(cell is None or cell == "" for cell in values):
                source.skip("empty lines")
            elif values == heading:
                source.skip("repeated headings")
            else:
                yield Record(number, dict(zip(columns, values, strict=True)))

    source = Source(path, f"a workbook, sheet {taken!r}", columns, records(), lambda: read[0], notes=notes)
    return source


def _heading(rows: Sequence[list[Any]]) -> tuple[int, list[Any]]:
    """The number and the cells of the row that names the columns."""
    counts = [len({cell for cell in values if cell is not None}) for values in rows]
    wanted = min(2, max(counts))
    at = next(place for place, count in enumerate(counts) if count >= wanted > 0)
    return at + 1, rows[at]


def _rows(path: Path, sheet: str | None) -> Iterator[Any]:
    """What the program says of the workbook, and then each row."""
    command = [sys.executable, "-P", sheet_program.__file__, str(path), *([sheet] if sheet is not None else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8") as process:
        lines = cast("IO[str]", process.stdout)
        try:
            said = _first(lines)
            if fault := said.get("fault"):
                raise _error(path, fault, said, sheet)
            yield said
            for line in lines:
                yield json.loads(line)
            if process.wait():
                raise _error(path, "memory", said, sheet)
        finally:
            process.kill()  # of a sheet that is read no further


def _first(lines: IO[str]) -> dict[str, Any]:
    # A process that ran out of memory says nothing.
    return dict(json.loads(lines.readline() or '{"fault": "memory"}'))


def _error(path: Path, fault: str, said: dict[str, Any], sheet: str | None) -> StirError:
    sheets = ", ".join(map(repr, said.get("sheets", ())))
    size = f"{sheet_program.MEMORY_BYTES / (1 << 30):g} GB"
    what, do = {
        "no sheet": (f"the workbook has no sheet {sheet!r}", f"give one of {sheets} with --sheet"),
        "empty": ("the file has no rows: its sheets are empty", "check that it is the right file"),
        "password": ("a password protects the workbook", "save it without one, and load that file"),
        "memory": (f"the sheet needs more than {size} of memory", f"delete cells far from the table, or {_AS_CSV}"),
        "damaged": (f"the workbook cannot be read: {said.get('message')}", f"open it, save it again, or {_AS_CSV}"),
    }[fault]
    return StirError(what, where=str(path), do=do)
