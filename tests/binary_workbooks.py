"""Workbooks of Excel's binary form (xlsb), as far as tests need them: records of a number, a length and their data."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from tests.workbooks import BEGIN, PACKAGE, Sheet, package, relation

_DAY, _MOMENT = 1, 2
_BOOK, _STYLES, _SHEET = (131, 132), (278, 279), (129, 130)
_FORMATS = (0, 14, 22)
"""Of numbers, days and moments, by the number of the style."""


def write(path: Path, sheets: Mapping[str, Sheet]) -> Path:
    """Write the workbook."""
    listed, relations = b"", relation(0, "styles", "styles.bin")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, sheet) in enumerate(sheets.items(), start=1):
            listed += _record(156, struct.pack("<II", sheet.hidden, number) + _text(f"rId{number}") + _text(name))
            relations += relation(number, "worksheet", f"worksheets/sheet{number}.bin")
            archive.writestr(f"xl/worksheets/sheet{number}.bin", _within(_SHEET, _sheet(sheet)))
        archive.writestr("xl/workbook.bin", _within(_BOOK, _within((143, 144), listed)))
        styles = b"".join(_record(47, struct.pack("<HH12x", 0, each)) for each in _FORMATS)
        archive.writestr("xl/styles.bin", _within(_STYLES, _within((617, 618), styles, len(_FORMATS))))
        archive.writestr("xl/_rels/workbook.bin.rels", f'<Relationships xmlns="{PACKAGE}">{relations}</Relationships>')
        archive.writestr("_rels/.rels", package("xl/workbook.bin"))
    return path


def _record(kind: int, data: bytes = b"") -> bytes:
    return _varying(kind) + _varying(len(data)) + data


def _varying(number: int) -> bytes:
    """A number in groups of seven bits, the lowest first."""
    groups = []
    while number > 127:
        groups.append(number & 127 | 128)
        number >>= 7
    return bytes([*groups, number])


def _within(kinds: tuple[int, int], inner: bytes, count: int | None = None) -> bytes:
    return _record(kinds[0], b"" if count is None else struct.pack("<I", count)) + inner + _record(kinds[1])


def _text(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _sheet(sheet: Sheet) -> bytes:
    last, width = max(sheet.rows), max(map(len, sheet.rows.values()))
    rows = b"".join(
        _record(0, struct.pack("<II17x", number - 1, 0))
        + b"".join(_cell(column, value) for column, value in enumerate(values) if value is not None)
        for number, values in sheet.rows.items()
    )
    return _record(148, struct.pack("<IIII", 0, last - 1, 0, width - 1)) + _within((145, 146), rows)


def _cell(column: int, value: Any) -> bytes:
    style = _MOMENT if isinstance(value, datetime) else _DAY if isinstance(value, date) else 0
    head = struct.pack("<II", column, style)
    if isinstance(value, bool):
        return _record(4, head + bytes([value]))
    if isinstance(value, datetime):
        return _record(5, head + struct.pack("<d", (value - BEGIN).total_seconds() / 86_400))
    if isinstance(value, date):
        return _record(5, head + struct.pack("<d", (value - BEGIN.date()).days))
    if isinstance(value, int | float):
        return _record(5, head + struct.pack("<d", value))
    return _record(6, head + _text(value))
