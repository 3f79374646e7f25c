"""The moment that a command uses as now: the configured `as_of`, or else the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from stir.settings import Settings


def now(settings: Settings) -> datetime:
    """The moment of `settings.as_of`, else the present; always with a time zone, UTC where none is given."""
    if not settings.as_of:
        return datetime.now(UTC)
    moment = datetime.fromisoformat(settings.as_of)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def spoken(age: timedelta) -> str:
    """An age in its two largest units, such as `2 d 3 h`."""
    minutes = int(age.total_seconds() // 60)
    parts = ((minutes // 1440, "d"), (minutes % 1440 // 60, "h"), (minutes % 60, "min"))
    named = [f"{number} {unit}" for number, unit in parts if number]
    return " ".join(named[:2]) or "0 min"
