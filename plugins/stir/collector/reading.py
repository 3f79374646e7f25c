"""Values of answers: a counter, a text, a moment. What is absent or makes no sense stays absent; None is never 0."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

_DURATION = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?")
_ZONE = re.compile(r"([+-]\d\d)(\d\d)$")
MOST = 2**63 - 1


def count(value: object) -> int | None:
    """A counter: a number or digits in quotes. A fraction, a sign or a truth value is none."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if type(value) is int and 0 <= value <= MOST else None


def measure(value: object) -> float | None:
    """A number with a fraction, such as a rate."""
    try:
        return float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
    except ValueError:
        return None


def text(value: object) -> str | None:
    """A text that is not empty."""
    return value if isinstance(value, str) and value.strip() else None


def flag(value: object) -> bool | None:
    """A truth value."""
    return value if isinstance(value, bool) else None


def moment(value: object) -> datetime | None:
    """A moment of ISO 8601: with and without fractions, with `Z`, `+00:00` or `+0000`."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(_ZONE.sub(r"\1:\2", value.strip()))
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def duration(value: object) -> timedelta | None:
    """A length of ISO 8601, such as `PT1H19M18S`, `P1DT2H3S` or `P0D`."""
    match = _DURATION.fullmatch(value) if isinstance(value, str) and value != "P" else None
    if match is None:
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


def compact(value: object) -> str:
    """A document as text without blanks."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def part(document: object, *names: str) -> Any:
    """What stands under the names, one inside the other; None where one is missing."""
    for name in names:
        document = document.get(name) if isinstance(document, Mapping) else None
    return document


def items(document: object, name: str = "items") -> list[Mapping[str, Any]]:
    """The objects of a list; a list that is missing is empty."""
    found = part(document, name)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []
