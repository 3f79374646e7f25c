"""Reads dates and times as people write them, and finds out how a column writes them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from stir.errors import StirError
from stir.moments import is_possible_year

_DAYS = (
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d.%m.%Y",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d.%m.%y",
    "%m/%d/%y",
    "%d/%m/%y",
    "%y.%d.%m",
    "%d %b %Y",
    "%d %B %Y",
    "%d. %B %Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%b %d %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%a %b %d %Y",
    "%Y-%m",
    "%m/%Y",
    "%b %Y",
    "%B %Y",
)
_TIMES = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", "T%H:%M:%S", " %I:%M %p", " %I:%M:%S %p", ", %H:%M:%S", ", %H:%M")
_KNOWN = {"trending_date": "%y.%d.%m"}
"""Columns that are known to write their dates in one way: the trending files write year.day.month."""
_EPOCH = re.compile(r"\d{10}(?:\d{3})?(?:\.\d+)?")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}|\d{8}|\d{4}-?W\d{2}(-?\d)?")
EXCEL = "excel"
"""In place of a format: days since the end of 1899, which Excel shows where a cell is not formatted as a date."""
_SERIAL = re.compile(r"\d{5}([.,]\d+)?")
_SERIAL_BEGIN = datetime(1899, 12, 30, tzinfo=UTC)
_SAMPLE = 1000
_SHARE = 0.9
"""The share of a column's dates that a format must read: a few cells may be wrong."""


@dataclass(frozen=True)
class Found:
    """A moment, in UTC; without a time of day it is the beginning of its day."""

    at: datetime
    has_time: bool


class DateReader:
    """Reads the dates of one column: by its formats, else as ISO 8601 or as seconds since 1970."""

    def __init__(self, formats: Sequence[str] = ()) -> None:
        self.formats = tuple(formats)
        self._read = lru_cache(65_536)(self._parse)

    def read(self, value: Any) -> Found | None:
        """The moment of a cell; None if it is none."""
        if isinstance(value, datetime):
            return Found(value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC), True)
        if isinstance(value, date):
            return Found(datetime(value.year, value.month, value.day, tzinfo=UTC), False)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return None
        return self._read(str(value).strip())

    def _parse(self, text: str) -> Found | None:
        for each in self.formats:
            if found := _by_format(text, each):
                return found
        return _iso(text)


def _by_format(text: str, form: str) -> Found | None:
    if form == EXCEL:
        return _serial(text)
    try:
        found = datetime.strptime(text, form)
    except ValueError:
        return None
    found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    return Found(found, any(sign in form for sign in ("%H", "%I", "%c", "%X")))


def _serial(text: str) -> Found | None:
    if not _SERIAL.fullmatch(text):
        return None
    days = float(text.replace(",", "."))
    # Excel's fractions are rounded days: half a second is more than their error.
    at = _SERIAL_BEGIN + timedelta(seconds=round(days * 86_400))
    return Found(at, days != int(days)) if is_possible_year(at.year) else None


def _iso(text: str) -> Found | None:
    try:
        found = datetime.fromisoformat(text.removesuffix(" UTC"))
    except ValueError:
        if not _EPOCH.fullmatch(text):
            return None
        seconds = float(text) / (1000 if len(text.partition(".")[0]) == 13 else 1)
        return Found(datetime.fromtimestamp(seconds, UTC), True)
    try:
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except OverflowError:
        return None
    return Found(found, not _ISO_DAY.fullmatch(text))


def reader_for(column: str, cells: Iterable[Any], wanted: Sequence[str] = (), where: str = "") -> DateReader:
    """The reader for a column, by the formats that are asked for or by how its first cells are written.

    Raises:
        StirError: the cells can be read in two ways that give different days.
    """
    if wanted:
        return DateReader(wanted)
    sample = [text for cell in cells if isinstance(cell, str) and (text := cell.strip())][:_SAMPLE]
    needed = max(1, round(len(sample) * _SHARE))
    if not sample or sum(_iso(text) is not None for text in sample) >= needed:
        return DateReader()
    if sum(_serial(text) is not None for text in sample) >= needed:
        return DateReader((EXCEL,))
    fitting = [form for day in _DAYS if (form := _fitting(sample, day, needed))]
    if known := _KNOWN.get(column.casefold().replace(" ", "_")):
        fitting = [form for form in fitting if form[0] == known] or fitting
    if not fitting:
        return DateReader()
    first, *others = fitting
    for other in others:
        for text in sample:
            one, two = (DateReader(forms).read(text) for forms in (first, other))
            if one and two and one.at != two.at:
                raise StirError(
                    f"{text!r} in column {column!r} can be {one.at:%d %B %Y} or {two.at:%d %B %Y}",
                    where=where,
                    do=f"say which with --dates '{first[0]}' or --dates '{other[0]}'",
                )
    return DateReader(first)


def _fitting(sample: Sequence[str], day: str, needed: int) -> tuple[str, ...]:
    """The formats of a day, alone and with times, that read enough of the sample in years that can be."""
    forms, count, left = dict[str, None](), 0, len(sample)
    for text, times in Counter(sample).items():  # most files repeat their days, and strptime is slow
        for form in (day + time for time in _TIMES):
            found = _by_format(text, form)
            if found and is_possible_year(found.at.year):
                forms[form] = None
                count += times
                break
        left -= times
        if count + left < needed:
            return ()
    # The plain day goes first: it names the way in messages.
    return tuple(sorted(forms, key=len)) if count >= needed else ()
