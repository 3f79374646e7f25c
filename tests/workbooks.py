"""Workbooks as spreadsheet programs write them, as far as tests need them: sheets of cells in a zip archive."""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_DAY, _MOMENT = 1, 2
_KEPT = Path(__file__).parent / "unit/ingest/files/workbooks/channels"
BEGIN = datetime(1899, 12, 30)


@dataclass
class Sheet:
    """A sheet: its rows by their number, and the ranges of cells that are merged, as A3:A4."""

    rows: Mapping[int, Sequence[Any]]
    merged: Sequence[str] = ()
    hidden: bool = False


def numbered(rows: Sequence[Sequence[Any]]) -> Sheet:
    """A sheet whose rows begin at the top."""
    return Sheet(dict(enumerate(rows, start=1)))


def write(path: Path, sheets: Mapping[str, Sheet]) -> Path:
    """Write a workbook of Excel's form."""
    listed, relations = "", ""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, sheet) in enumerate(sheets.items(), start=1):
            state = ' state="hidden"' if sheet.hidden else ""
            listed += f'<sheet name="{escape(name)}" sheetId="{number}" r:id="rId{number}"{state}/>'
            relations += relation(number, "worksheet", f"worksheets/sheet{number}.xml")
            archive.writestr(f"xl/worksheets/sheet{number}.xml", _sheet(sheet))
        relations += relation(0, "styles", "styles.xml")
        archive.writestr(
            "xl/workbook.xml", f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>'
        )
        archive.writestr(
            "xl/styles.xml",
            f'<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/></cellXfs>'
            "</styleSheet>",
        )
        archive.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{PACKAGE}">{relations}</Relationships>')
        archive.writestr("_rels/.rels", package("xl/workbook.xml"))
        archive.writestr(
            "[Content_Types].xml", '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
        )
    return path


def package(book: str) -> str:
    """What the archive says of itself."""
    return f'<Relationships xmlns="{PACKAGE}">{relation(1, "officeDocument", book)}</Relationships>'


def relation(number: int, kind: str, target: str) -> str:
    """What a workbook says of one of its parts."""
    return f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'


def _sheet(sheet: Sheet) -> str:
    rows = "".join(
        f'<row r="{number}">{"".join(_cell(number, place, value) for place, value in enumerate(values))}</row>'
        for number, values in sheet.rows.items()
    )
    merged = "".join(f'<mergeCell ref="{each}"/>' for each in sheet.merged)
    cells = f"<mergeCells>{merged}</mergeCells>" if merged else ""
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{cells}</worksheet>'


def _cell(row: int, column: int, value: Any) -> str:
    if value is None:
        return ""
    here = f'r="{letters(column)}{row}"'
    if isinstance(value, bool):
        return f'<c {here} t="b"><v>{int(value)}</v></c>'
    if isinstance(value, datetime):
        return f'<c {here} s="{_MOMENT}"><v>{(value - BEGIN).total_seconds() / 86_400!r}</v></c>'
    if isinstance(value, date):
        return f'<c {here} s="{_DAY}"><v>{(value - BEGIN.date()).days}</v></c>'
    if isinstance(value, int | float):
        return f"<c {here}><v>{value!r}</v></c>"
    return f'<c {here} t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def letters(column: int) -> str:
    """The letters of a column, counted from 0."""
    found = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(65 + rest) + found
    return found


def protected() -> bytes:
    """What a program writes that encrypts a workbook: an old container with one named part, which nobody can read."""
    end, free, table = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0) + struct.pack("<109I", 0, *[free] * 108)
    sectors = struct.pack("<128I", table, end, *[free] * 126)

    def entry(name: str, kind: int, child: int, start: int) -> bytes:
        encoded = (name + "\0").encode("utf-16-le")
        links = struct.pack("<BBIII", kind, 1, free, free, child)
        return (
            encoded.ljust(64, b"\0")
            + struct.pack("<H", len(encoded))
            + links
            + bytes(36)
            + struct.pack("<IQ", start, 0)
        )

    directory = entry("Root Entry", 5, 1, end) + entry("EncryptedPackage", 2, free, end)
    return header + sectors + directory.ljust(512, b"\0")


def protected_old() -> bytes:
    """A workbook of the old form that says that it is encrypted: the record of its author became that of encryption."""
    return _KEPT.with_suffix(".xls").read_bytes().replace(b"\x5c\x00\x70\x00", b"\x2f\x00\x70\x00", 1)


def protected_open() -> bytes:
    """A workbook of LibreOffice whose list of parts says that the cells are encrypted."""
    made = BytesIO()
    with zipfile.ZipFile(_KEPT.with_suffix(".ods")) as kept, zipfile.ZipFile(made, "w") as archive:
        for name in kept.namelist():
            entry = re.compile(rb'(full-path="content.xml"[^>]*)/>')
            archive.writestr(name, entry.sub(rb"\1><manifest:encryption-data/></manifest:file-entry>", kept.read(name)))
    return made.getvalue()
