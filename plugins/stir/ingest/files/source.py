"""What every kind of file is, once it is opened: columns, and records with the line on which each begins."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stir.errors import StirError


class NoTableError(StirError):
    """The file is no table, whatever its columns should be. In a folder such a file is left out."""


@dataclass(slots=True)
class Record:
    """One record of a file.

    Attributes:
        line: line of the file on which it begins, from 1; of a workbook the row of its sheet, of Parquet the number of
            the row.
        values: its values by column; None if it could not be read.
        fault: why it could not be read.
        text: the record as it stands in the file, if it could not be read.
    """

    line: int
    values: dict[str, Any] | None
    fault: str = ""
    text: str = ""


@dataclass
class Source:
    """An opened file: its columns, and its records in order.

    Attributes:
        form: what the file is, in words.
        delimiter: what separates the values; empty where nothing does.
        notes: what a person should know about how it was read.
        done: bytes of the file that were read so far.
    """

    path: Path
    form: str
    columns: list[str]
    records: Iterator[Record]
    done: Callable[[], int]
    delimiter: str = ""
    notes: list[str] = field(default_factory=list)
    skipped: dict[str, int] = field(default_factory=dict)

    def skip(self, why: str) -> None:
        """Count a line that is no record."""
        self.skipped[why] = self.skipped.get(why, 0) + 1


def named(heading: Sequence[str]) -> tuple[list[str], list[str]]:
    """Names of columns, each once: the second of a name is `name#2`; and what to say about it."""
    columns, notes, seen = [], [], dict[str, int]()
    for place, cell in enumerate(heading, start=1):
        name = " ".join(cell.split()) or f"column {place}"
        seen[name] = times = seen.get(name, 0) + 1
        if times == 2:
            notes.append(f"column {name!r} stands twice: the first is taken; --map '{name}#2=...' takes the second")
        columns.append(name if times == 1 else f"{name}#{times}")
    return columns, notes
