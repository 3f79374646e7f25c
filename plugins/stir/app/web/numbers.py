"""Numbers and moments as people read them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.numbers import format_compact_decimal, format_decimal
from markupsafe import Markup

UNKNOWN = Markup('<span class="unknown" title="unknown">\N{EN DASH}</span>')
MINUS = "\N{MINUS SIGN}"
_LOCALE = Locale("en")


@lru_cache(10_000)
def whole(value: float | None) -> str:
    """A count with its thousands apart."""
    return UNKNOWN if value is None else format_decimal(value, locale=_LOCALE)


@lru_cache(10_000)
def short(value: float | None, digits: int = 1) -> str:
    """A count in three figures, with `digits` decimal places: 1.2M."""
    if value is None:
        return UNKNOWN
    value = round(value, digits)  # babel rounds only what it shortens
    if abs(value) < 1000:
        return format_decimal(value, locale=_LOCALE)
    return format_compact_decimal(value, locale=_LOCALE, fraction_digits=digits)


def signed(value: float | None) -> str:
    """A change in three figures, with its sign."""
    if value is None:
        return UNKNOWN
    return ("+" if value > 0 else MINUS if value < 0 else "±") + short(abs(value))


def places(number: int | None) -> str:
    """Places won or lost, whole, with their sign."""
    if not number:
        return UNKNOWN if number is None else "0"
    return ("+" if number > 0 else MINUS) + whole(abs(number))


def percent(ratio: float | None, digits: int = 2) -> str:
    """A fraction as per cent."""
    return UNKNOWN if ratio is None else f"{100 * ratio:.{digits}f} %"


def growth(values: list[int | None]) -> str:
    """From the first known value to the last, in per cent with its sign."""
    known = [value for value in values if value is not None]
    if len(known) < 2 or known[0] <= 0:
        return UNKNOWN
    return f"{100 * (known[-1] / known[0] - 1):+,.1f} %".replace("-0.0", "+0.0").replace("-", MINUS)


def month(value: str | date | None) -> str:
    """A month by its name and year."""
    if value is None:
        return ""
    return f"{date.fromisoformat(str(value)[:10]):%B %Y}"


def moment(value: str | datetime | None) -> str:
    """A moment to the minute, UTC."""
    if value is None:
        return UNKNOWN
    read = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return Markup(f"<time>{read:%Y-%m-%d %H:%M} UTC</time>")  # noqa: S704 - a moment only


def breakable(name: str) -> str:
    """The technical name of a table, stream or DAG, which a line may break after a part of it and not within one."""
    return Markup("<wbr>").join(re.split(r"(?<=[_.])", name))


def age(seconds: int | None) -> str:
    """An age in its largest unit."""
    if seconds is None:
        return UNKNOWN
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if abs(seconds) >= size:
            number = round(seconds / size)
            return f"{number} {unit}{'' if number == 1 else 's'}"
    return "less than a minute"


def initials(row: Mapping[str, Any]) -> str:
    """One or two letters that stand for a picture."""
    words = str(row.get("name") or row.get("handle") or "?").split()
    return "".join(word[0] for word in words[:2]).upper()


def title(row: Mapping[str, Any]) -> str:
    """What a creator is called: name, else handle, else id."""
    return str(row.get("name") or row.get("handle") or row["platform_id"])


FILTERS: dict[str, Callable[..., str]] = {
    "whole": whole,
    "short": short,
    "signed": signed,
    "places": places,
    "percent": percent,
    "growth": growth,
    "month": month,
    "moment": moment,
    "breakable": breakable,
    "age": age,
    "initials": initials,
    "title": title,
}
"""What templates call these."""
