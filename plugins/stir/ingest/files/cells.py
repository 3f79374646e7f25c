"""Turns the cells of a file into values: the ways in which people and spreadsheets write numbers, flags and nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from stir.ingest.files.dates import DateReader
from stir.sources.contract import Field

Cell = Callable[[Any], Any]

NULLS = frozenset(
    word.casefold()
    for word in (
        "NA",
        "N/A",
        "#N/A",
        "NULL",
        "None",
        "nan",
        "nil",
        "\\N",
        "[none]",
        "-",
        "\u2013",
        "\u2014",
        "?",
        "#DIV/0!",
        "#REF!",
        "unknown",
        "N/D",
        "N.D.",
        "S/D",
        "k. A.",
        "k.A.",
        "N.V.",
        "\u043d/\u0434",
        "\u306a\u3057",
        "\u7121",
        "\u65e0",
        "\uc5c6\uc74c",
    )
)
"""Words for nothing in a number, a flag or a moment, in several languages."""
TEXT_NULLS = frozenset(("null", "\\n", "[none]", "#n/a"))
"""Words for nothing in a text, where NA, None and a dash can be what somebody wrote."""

TRUE, FALSE = frozenset(("true", "yes", "y", "t", "1")), frozenset(("false", "no", "n", "f", "0"))
_SPACES = str.maketrans("", "", " \u00a0\u202f\u2009'\u2019_")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*")
_SUFFIXES = {"k": 10**3, "m": 10**6, "b": 10**9, "bn": 10**9, "mln": 10**6, "mio": 10**6, "mrd": 10**9}
_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,6})?Z?")
_SUFFIXED = re.compile(r"([+-]?[\d.,]+)(k|m|b|bn|mln|mio|mrd)\.?", re.IGNORECASE)


class Cells:
    """How the cells of one file are read.

    Attributes:
        nulls: words for nothing; None for the usual ones.
        decimal: the sign before the fraction; a file whose values are separated by `;` writes a comma there.
    """

    def __init__(self, nulls: tuple[str, ...] | None = None, decimal: str = ".") -> None:
        self.nulls = NULLS if nulls is None else frozenset(word.casefold() for word in nulls)
        self.text_nulls = TEXT_NULLS if nulls is None else self.nulls
        self.decimal = decimal

    def is_null(self, value: Any) -> bool:
        """Whether a cell of a number or a moment says nothing."""
        return value is None or (
            isinstance(value, str) and (not (text := value.strip()) or text.casefold() in self.nulls)
        )

    def cell(self, field: Field, dates: DateReader) -> Cell:
        """What reads the cells of a field."""
        if field.logical == "integer":
            return self.integer
        if field.logical == "number":
            return self.number
        if field.logical == "boolean":
            return self.boolean
        if field.logical in ("moment", "day"):
            return lambda value: self.moment(value, dates, field.logical == "day")
        return self.text if field.logical == "text" else self.document

    def text(self, value: Any) -> Any:
        """A text; a number, a flag or a list of texts of a file with types is written out."""
        if value.__class__ is str:
            return None if not value or value.strip().casefold() in self.text_nulls else value
        if value is None:
            return None
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return "|".join(value) or None  # as YouTube's tags are written in one text
        if isinstance(value, list | dict):
            return value  # no text, for the contract to refuse
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        return value.isoformat() if isinstance(value, date) else str(value)

    def document(self, value: Any) -> Any:
        """A JSON document or a list."""
        return None if isinstance(value, str) and not value.strip() else value

    def integer(self, value: Any) -> Any:
        """A whole number; what is none stays as it is, for the contract to refuse."""
        if value.__class__ is str:
            try:
                return int(value)
            except ValueError:
                pass
        number = self.number(value, is_whole=True)
        if isinstance(number, float) and number.is_integer() and abs(number) < 2**63:
            return int(number)
        return number

    def number(self, value: Any, *, is_whole: bool = False) -> Any:
        """A number; what is none stays as it is."""
        if isinstance(value, Decimal):
            return int(value) if value == value.to_integral_value() else float(value)
        if not isinstance(value, str):
            return value
        if self.is_null(value):
            return None
        text = value.strip().translate(_SPACES).replace("\u2212", "-")
        if text.endswith("%") and not is_whole:
            found = self._plain(text[:-1], is_whole=False)
            return value if found is None else found / 100
        if suffixed := _SUFFIXED.fullmatch(text):
            found = self._plain(suffixed[1], is_whole=False)
            return value if found is None else round(found * _SUFFIXES[suffixed[2].lower()], 6)
        found = self._plain(text, is_whole=is_whole)
        return value if found is None else found

    def _plain(self, text: str, *, is_whole: bool) -> float | None:
        thousands = "," if self.decimal == "." else "."
        if (grouped := _GROUPED.fullmatch(text)) and (
            grouped[1] == thousands or text.count(grouped[1]) > 1 or (is_whole and self.decimal == ",")
        ):
            text = text.replace(grouped[1], "")
        elif self.decimal == ",":
            text = text.replace(".", "").replace(",", ".") if "," in text else text
        elif re.fullmatch(r"[+-]?\d{1,3}(?:,\d{3})+\.\d+", text):
            text = text.replace(",", "")
        try:
            return int(text) if text.lstrip("+-").isdigit() else float(text)
        except ValueError:
            return None

    def boolean(self, value: Any) -> Any:
        """A flag; what is none stays as it is."""
        if not isinstance(value, str):
            return value
        text = value.strip().casefold()
        if text in TRUE or text in FALSE:
            return text in TRUE
        return None if self.is_null(value) else value

    def moment(self, value: Any, dates: DateReader, is_day: bool = False) -> Any:
        """A moment or a day as ISO 8601; what is none stays as it is."""
        if value.__class__ is str and not is_day and not dates.formats and _ISO.fullmatch(value):
            return value  # the contract reads it
        if self.is_null(value):
            return None
        if isinstance(value, datetime):
            value = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
            return value.date().isoformat() if is_day else value.isoformat()
        found = dates.read(value)
        if found is None:
            return value
        return found.at.date().isoformat() if is_day else found.at.isoformat()
