"""The record of a message's body, or why it holds none."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

MAX_BYTES = 1 << 20
"""The largest record. It is also the largest message that the broker takes by default."""


class Doubled(ValueError):
    """A member stands twice in one object."""


@dataclass(frozen=True)
class Undecodable(Exception):
    """The body holds no record.

    Attributes:
        reason: a word of stir.sources.reasons.
        path: where in the body.
        message: what is wrong, without the body's values.
    """

    reason: str
    path: str
    message: str


def decode(body: bytes | bytearray | memoryview) -> dict[str, Any]:
    """The record of a body. NaN and numbers that are too great are infinite or no numbers, for the contract to judge.

    Raises:
        Undecodable: it is too large, no UTF-8, no JSON object, nested too deep, or says a member twice.
    """
    if len(body) > MAX_BYTES:
        raise Undecodable("too_large", "$", f"the record has {len(body)} bytes, more than {MAX_BYTES}")
    try:
        text = bytes(body).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Undecodable("not_utf8", "$", f"byte {error.start} begins no character of UTF-8") from None
    text = text.removeprefix("\ufeff")
    try:
        record = _loads(text, _once)
    except Doubled as error:
        path = _place_of_double(text)
        raise Undecodable("undecodable", path, f"the member {str(error)!r} stands twice in one object") from None
    except RecursionError:
        raise Undecodable("undecodable", "$", "the body is nested too deep") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno} column {error.colno}"
        raise Undecodable("undecodable", "$", f"the body is no JSON: {error.msg} at {place}") from None
    if not isinstance(record, dict):
        raise Undecodable("undecodable", "$", "the body is no JSON object")
    return record


def _loads(text: str, hook: Callable[[list[tuple[str, Any]]], Any]) -> Any:
    try:
        return json.loads(text, object_pairs_hook=hook)
    except (json.JSONDecodeError, Doubled):
        raise
    except ValueError:  # a number of thousands of digits
        return json.loads(text, object_pairs_hook=hook, parse_int=_integer)


def _once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) != len(members):
        raise Doubled(_first_double(members))
    return found


def _first_double(members: Iterable[tuple[str, Any]]) -> str:
    seen: set[str] = set()
    for name, _ in members:
        if name in seen:
            return name
        seen.add(name)
    return ""


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) < 400 else math.copysign(math.inf, -1 if digits.startswith("-") else 1)


def _place_of_double(text: str) -> str:
    """The path of the first member that stands twice; "$" where what follows it cannot be read."""
    try:
        return _doubled(_loads(text, tuple), "") or "$"
    except (ValueError, RecursionError):
        return "$"


def _doubled(value: Any, path: str) -> str:
    """The path of the first member that stands twice; an object is a tuple of its members here."""
    if isinstance(value, tuple):
        if double := _first_double(value):
            return f"{path}.{double}".lstrip(".")
        for name, inner in value:
            if found := _doubled(inner, f"{path}.{name}".lstrip(".")):
                return found
    if isinstance(value, list):
        for place, inner in enumerate(value):
            if found := _doubled(inner, f"{path}[{place}]"):
                return found
    return ""
