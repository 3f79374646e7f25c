"""The usual spellings of a value, brought to the one that a contract's schema describes."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

import msgspec

from stir.ingest import documents
from stir.sources.contract import Field, Logical

WANTED: dict[Logical, str] = {
    "text": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "moment": "a moment such as 2026-06-15T00:00:00Z",
    "day": "a day such as 2026-06-15",
    "json": "a JSON document",
    "list": "a list",
}
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Fault(Exception):
    """What is wrong with a value: a word of stir.sources.reasons, the place in the field, and the words for it."""

    reason: str
    message: str
    path: str = ""


def spelled(field: Field, value: Any, notes: list[Fault]) -> Any:
    """The value as the contract's schema describes it, a moment as RFC 3339. What is of another type stays as it is.

    What is wrong inside a document that is kept all the same is added to the notes.

    Raises:
        Fault: the value cannot be written as JSON at all: a number that is none, half a character.
    """
    if isinstance(value, str) and not documents.is_unicode(value):
        raise Fault("not_utf8", "the text is no Unicode")
    if isinstance(value, float) and not math.isfinite(value):
        raise Fault("impossible_number", "the number is infinite or not a number")
    if field.logical == "json":
        return _document(value, notes)
    return _SPELLINGS[field.logical](field, value)


def moment(value: Any) -> datetime:
    """The moment of a value in UTC; without an offset it is in UTC already.

    Raises:
        ValueError: it is none.
    """
    found = value if isinstance(value, datetime) else msgspec.convert(value, datetime)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def is_moment(value: str) -> bool:
    """Whether a text is a moment; the check of the schema's format of that name."""
    try:
        moment(value)
    except (ValueError, OverflowError):  # the first moments of year 1 have no counterpart in UTC
        return False
    return True


def _as_it_is(field: Field, value: Any) -> Any:
    return value


def _integer(field: Field, value: Any) -> Any:
    if isinstance(value, str):
        text = value.strip(" ")
        value = None if not text and not field.required else documents.number_in(text)
        if value is None:
            return None if not text and not field.required else text
        if isinstance(value, float) and not math.isfinite(value):
            raise Fault("impossible_number", "the number is too great")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        raise Fault("impossible_number", "the number is too great")
    return value


def _number(field: Field, value: Any) -> Any:
    if isinstance(value, str):
        text = value.strip(" ")
        found = documents.number_in(text)
        value = (None if not text and not field.required else text) if found is None else found
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**1000:
        raise Fault("impossible_number", "the number is too great")
    if isinstance(value, float) and not math.isfinite(value):
        raise Fault("impossible_number", "the number is too great")
    return value


def _boolean(field: Field, value: Any) -> Any:
    if isinstance(value, str):
        text = value.strip(" ").lower()
        return None if not text and not field.required else _BOOLEANS.get(text, value)
    return bool(value) if isinstance(value, int) and value in (0, 1) else value


def _moment(field: Field, value: Any) -> Any:
    if isinstance(value, str):
        text = value.strip(" ")
        if not text and not field.required:
            return None
        return f"{text}T00:00:00Z" if _DAY.fullmatch(text) else text
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time(), UTC)
    return value.isoformat() if isinstance(value, datetime) else value


def _day(field: Field, value: Any) -> Any:
    if isinstance(value, str):
        text = value.strip(" ")
        return None if not text and not field.required else text
    if isinstance(value, datetime):
        value = moment(value).date()
    return value.isoformat() if isinstance(value, date) else value


def _document(value: Any, notes: list[Fault]) -> Any:
    if not isinstance(value, Mapping | list | tuple):
        return value
    try:
        if documents.depth(value) > documents.DEPTH:
            text = documents.escaped(value)
            notes.append(Fault("malformed_json", f"the document is nested deeper than {documents.DEPTH}"))
            return text
        found: list[tuple[str, str]] = []
        whole = documents.salvaged(value, "", found)
        text = documents.escaped(whole)
    except TypeError as error:
        raise Fault("wrong_type", f"the document holds what is no JSON: {error}") from None
    except ValueError:
        raise Fault("malformed_json", "the document is nested too deep") from None
    said = {"impossible_number": "the number is infinite or not a number", "not_utf8": "the text is no Unicode"}
    notes += [Fault(reason, said[reason], path) for reason, path in found]
    return text if found else value


def _list(field: Field, value: Any) -> Any:
    if isinstance(value, str):
        text = value.strip(" ")
        try:
            value = json.loads(text) if text else []
        except (ValueError, RecursionError):
            return value
    if isinstance(value, list | tuple):
        if documents.depth(value) > documents.DEPTH:
            raise Fault("wrong_type", f"the list is nested deeper than {documents.DEPTH}")
        for place, each in enumerate(value):
            if isinstance(each, str) and not documents.is_unicode(each):
                raise Fault("not_utf8", "the text is no Unicode", f"[{place}]")
        return list(value)
    return value


_SPELLINGS: dict[Logical, Callable[[Field, Any], Any]] = {
    "text": _as_it_is,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "moment": _moment,
    "day": _day,
    "list": _list,
}
