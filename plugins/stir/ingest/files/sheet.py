"""Writes the rows of one sheet of a workbook to standard output, one JSON list a line; a program of its own.

The library holds a whole sheet in memory and ends its process when there is none left: one cell far from the others is
enough for that. So the sheet is read in a process with a bound on its memory (docs/decisions/0084-workbooks.md).
"""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
MEMORY_BYTES = 3 << 29
"""Address space of the process that reads a sheet."""


def main(path: str, sheet: str | None = None) -> None:
    """Write a first line that says what the workbook holds, or what is wrong with it, and then the rows."""
    _bound_memory()
    try:
        import python_calamine as calamine

        try:
            book = calamine.load_workbook(path)
        except calamine.PasswordError:
            raise
        except calamine.CalamineError:
            # The library goes by the name of a file, which may say another kind of workbook.
            book = calamine.load_workbook(BytesIO(Path(path).read_bytes()))
        names = [
            each.name
            for each in book.sheets_metadata
            if each.typ == calamine.SheetTypeEnum.WorkSheet
            and (each.visible == calamine.SheetVisibleEnum.Visible or each.name == sheet)
        ]
        if sheet is not None and sheet not in names:
            _say(fault="no sheet", sheets=names)
            return
        for name in [sheet] if sheet is not None else names:
            if (found := book.get_sheet_by_name(name)).height:
                break
        else:
            _say(fault="empty", sheets=names)
            return
        (_, left), (last, right) = found.start or (0, 0), found.end or (0, 0)
        ranges = found.merged_cell_ranges or list(_merged(path, found.name))
        merged = {
            (row, column): top
            for top, bottom in ranges
            for row in range(top[0], min(bottom[0], last) + 1)
            for column in range(top[1], min(bottom[1], right) + 1)
        }
        _say(sheet=found.name, sheets=names, rows=last + 1)
        for row in _filled(found.iter_rows(), merged, left):
            print(json.dumps(row))
    except MemoryError:
        _say(fault="memory")
    except calamine.PasswordError:
        _say(fault="password")
    except calamine.CalamineError as error:
        _say(fault="damaged", message=" ".join(str(error).split()))


def _bound_memory() -> None:
    with suppress(ImportError, ValueError, OSError):  # not every system can
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _say(**values: Any) -> None:
    print(json.dumps(values))


def _filled(
    rows: Iterator[Sequence[Any]], merged: dict[tuple[int, int], tuple[int, int]], left: int
) -> Iterator[list[Any]]:
    """The values of each row. What stands in merged cells stands in each of them, as a person reads it."""
    tops = dict.fromkeys(merged.values())
    for place, row in enumerate(rows):
        values = [_value(cell) for cell in row]
        if merged:
            for column, value in enumerate(values, start=left):
                here = (place, column)
                if here in tops:
                    tops[here] = value
                elif here in merged:
                    values[column - left] = tops.get(merged[here])
        yield values


def _merged(path: str, sheet: str) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """The first and the last cell of each merged range of LibreOffice's form, of which the library says nothing."""
    with (
        suppress(zipfile.BadZipFile, KeyError, ValueError, ElementTree.ParseError),
        zipfile.ZipFile(path) as archive,
        archive.open("content.xml") as content,
    ):
        is_inside, row, column = False, 0, 0
        for event, element in ElementTree.iterparse(content, ("start", "end")):  # noqa: S314 - in bounded memory
            match event, element.tag.removeprefix(_TABLE):
                case "start", "table":
                    is_inside, row = element.get(f"{_TABLE}name") == sheet, 0
                case "start", "table-row":
                    column = 0
                case "start", "table-cell" | "covered-table-cell" if is_inside:
                    rows, columns = (
                        int(element.get(f"{_TABLE}number-{each}-spanned", 1)) for each in ("rows", "columns")
                    )
                    if rows > 1 or columns > 1:
                        yield (row, column), (row + rows - 1, column + columns - 1)
                    column += int(element.get(f"{_TABLE}number-columns-repeated", 1))
                case "end", "table-row":
                    row += int(element.get(f"{_TABLE}number-rows-repeated", 1))
                    element.clear()


def _value(cell: Any) -> Any:
    """A cell as JSON has it: a sheet knows no whole numbers, and writes dates as numbers with a format."""
    if cell == "":
        return None
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and abs(cell) < 2**63 else cell
    if isinstance(cell, timedelta):
        minutes, seconds = divmod(int(cell.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return cell if isinstance(cell, str | bool | int) else cell.isoformat()


if __name__ == "__main__":
    main(*sys.argv[1:])
