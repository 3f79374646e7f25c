"""The moment for which a command decides: the configured `as_of`, else the clock."""

from __future__ import annotations

from datetime import UTC, datetime

from stir.settings import Settings


def now(settings: Settings) -> datetime:
    """The moment of `settings.as_of`, else the present; always with a time zone, UTC where none is given."""
    if not settings.as_of:
        return datetime.now(UTC)
    moment = datetime.fromisoformat(settings.as_of)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
