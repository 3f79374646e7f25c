"""Opens a file whatever it is compressed with and however its text is encoded."""

from __future__ import annotations

import codecs
import gzip
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Literal

from stir.errors import StirError
from stir.ingest.files.source import NoTableError

Kind = Literal["csv", "json", "parquet", "workbook"]
PARTS = 1 << 20
_SAMPLE = 1 << 18
LONGEST_LINE = 1 << 24
"""Signs of the longest line: what goes on beyond is no table, and a few kilobytes of gzip may hold gigabytes of it."""
_TOO_FEW = 32
"""With fewer characters beyond ASCII among many others nobody can tell the encoding, and Western is the likeliest."""
_CONTROLS, _FEW_CONTROLS = 0.02, 8
"""The share, and the number, of control characters that a damaged text may have."""
_ZIP, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_WORKBOOKS = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")
"""What a zip archive holds that is a workbook of Excel or of LibreOffice."""
_NO_TABLES = {
    _ZIP: ("a zip archive", "unpack it first"),
    _OLD_OFFICE: ("a compressed workbook", "unpack it first"),
    b"%PDF": ("a PDF", "get its table as CSV"),
    b"ARROW1": ("an Arrow or Feather file", "save its table as Parquet"),
    b"SQLite format 3": ("a database of SQLite", "get its table as CSV"),
    b"BZh": ("compressed with bzip2", "unpack it first"),
    b"\xfd7zXZ": ("compressed with xz", "unpack it first"),
    b"version https://git-lfs": ("a pointer of Git LFS, which stands for the real file", "run `git lfs pull`"),
    b"<!DOCTYPE": ("a web page", "download the file itself, not the page about it"),
    b"<html": ("a web page", "download the file itself, not the page about it"),
}
_LIKELY = (
    "cp1252", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874",
    "cp932", "cp949", "gb18030", "big5", "euc_jp",
)  # fmt: skip
"""Encodings in which people's files are, the likeliest first. Rarer ones read the same bytes as other signs."""


@dataclass(frozen=True)
class TextForm:
    """How the text of a file is encoded; `is_damaged` if some bytes are none of that encoding."""

    encoding: str
    is_damaged: bool = False


class Counted(io.RawIOBase):
    """A file that knows how much of it was read, for the progress bar."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb", buffering=0)
        self.done = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        count = self._file.readinto(buffer) or 0
        self.done += count
        return count

    def close(self) -> None:
        self._file.close()
        super().close()


def decompressed(path: Path) -> tuple[IO[bytes], Counted]:
    """The bytes of a file without its compression, which is known by its first bytes, and the file as it is read.

    Raises:
        StirError: the file is no table of text.
    """
    counted = Counted(path)
    raw = io.BufferedReader(counted, PARTS)
    start = raw.peek(32)[:32]
    _check_table(start, path)
    if start.startswith(b"\x1f\x8b"):
        return io.BufferedReader(gzip.GzipFile(fileobj=raw), PARTS), counted
    if start.startswith(b"\x28\xb5\x2f\xfd"):
        from backports import zstd

        return io.BufferedReader(zstd.ZstdFile(raw), PARTS), counted
    return raw, counted


def _check_table(start: bytes, path: Path) -> None:
    for magic, (what, do) in _NO_TABLES.items():
        if start.startswith(magic):
            raise NoTableError(f"the file is {what}", where=str(path), do=do)


def _is_workbook(path: Path) -> bool:
    with path.open("rb") as stream:
        start = stream.read(4)
    if start != _ZIP:
        return start == _OLD_OFFICE
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name in _WORKBOOKS for name in archive.namelist())
    except (zipfile.BadZipFile, OSError) as error:
        raise damaged(path, error) from error


def kind_of(path: Path) -> Kind:
    """What the file holds, by its first characters; its name may say anything.

    Raises:
        StirError: it is no table, or damaged.
    """
    if _is_workbook(path):
        return "workbook"
    with decompressed(path)[0] as stream:
        try:
            start = stream.read(4096)
        except (EOFError, OSError, ValueError) as error:
            raise damaged(path, error) from error
    _check_table(start, path)  # a compressed file may hold anything as well
    if start.startswith(b"PAR1"):
        return "parquet"
    text = start.decode(_marked(start) or "utf-8", "replace").lstrip("\ufeff \t\r\n")
    odd = sum(sign < " " and not sign.isspace() for sign in text)
    if odd > max(_FEW_CONTROLS, len(text) * _CONTROLS):
        raise NoTableError("the file is no text", where=str(path), do="get its table as CSV, JSON or Parquet")
    return "json" if text.startswith(("{", "[{", "[ {", "[\n", "[\r")) or text == "[]" else "csv"


def text_form(path: Path, encoding: str | None = None) -> TextForm:
    """The encoding of a file: the one that is asked for, that of its byte-order mark, UTF-8, or the likeliest other.

    Raises:
        StirError: the encoding that is asked for does not exist.
    """
    if encoding:
        try:
            codecs.lookup(encoding)
        except LookupError:
            raise StirError(
                f"there is no encoding {encoding!r}", where="--encoding", do="give utf-8 or cp1252"
            ) from None
        return TextForm(encoding, not _is_all(path, encoding))
    with decompressed(path)[0] as stream:
        sample = stream.read(_SAMPLE)
    if marked := _marked(sample):
        return TextForm(marked, not _is_all(path, marked))
    if _is_all(path, "utf-8"):
        return TextForm("utf-8")
    # Some bytes are no UTF-8. Where most of the other characters are, these are damaged; else it is another encoding.
    replaced = _without_utf8(path)
    if replaced is None:
        return TextForm("utf-8", is_damaged=True)
    import charset_normalizer

    beyond = sum(byte > 127 for byte in replaced)
    if beyond < _TOO_FEW and beyond < len(replaced) / 4:
        return TextForm("cp1252", not _is_all(path, "cp1252"))
    matches = charset_normalizer.from_bytes(replaced[:_SAMPLE], cp_isolation=list(_LIKELY))
    best = min(matches, key=lambda each: (each.chaos, -each.coherence, _LIKELY.index(each.encoding)), default=None)
    found = best.encoding if best else "cp1252"
    return TextForm(found, not _is_all(path, found))


def _marked(start: bytes) -> str | None:
    """The encoding that the first bytes say; UTF-16 without a mark is known by its zero bytes."""
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if start.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    even, odd = start[0:400:2].count(0), start[1:400:2].count(0)
    if max(even, odd) > len(start[:400]) // 8:
        return "utf-16-le" if odd > even else "utf-16-be"
    return None


def _parts(path: Path) -> Iterator[bytes]:
    with decompressed(path)[0] as stream:
        try:
            while part := stream.read(PARTS):
                yield part
        except (EOFError, OSError, ValueError) as error:
            raise damaged(path, error) from error


def damaged(path: Path, error: Exception) -> StirError:
    """The error about a compressed file that cannot be read to its end."""
    return StirError(
        f"the file is cut off or damaged: {str(error) or type(error).__name__}",
        where=str(path),
        do="get the whole file and load it again",
    )


def _is_all(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for part in _parts(path):
            decoder.decode(part)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _without_utf8(path: Path) -> bytes | None:
    """The lines that are no UTF-8, if they outnumber those that are UTF-8 and more than ASCII; else None."""
    good, bad, kept, size = 0, 0, [], 0
    with decompressed(path)[0] as stream:
        for line in iter(partial(stream.readline, PARTS), b""):
            if line.isascii():
                continue
            try:
                line.decode("utf-8")
                good += 1
            except UnicodeDecodeError:
                bad += 1
                if size < _SAMPLE:
                    kept.append(line)
                    size += len(line)
    return b"".join(kept) if bad > good else None


def lines_of(text: io.TextIOWrapper, path: Path) -> Iterator[str]:
    """The lines of a text.

    Raises:
        StirError: a line is too long to be one of a table.
    """
    for number, line in enumerate(iter(partial(text.readline, LONGEST_LINE), ""), start=1):
        if len(line) == LONGEST_LINE:
            raise StirError(
                f"line {number} has more than {LONGEST_LINE:,} signs",
                where=str(path),
                do="check that the file is a table",
            )
        yield line
