"""The day of Google's quotas: it begins at midnight in California, and has 23 or 25 hours twice a year."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")


def pacific_day(moment: datetime) -> date:
    """The day of the quotas that holds a moment."""
    return moment.astimezone(PACIFIC).date()


def next_midnight(moment: datetime) -> datetime:
    """The first Pacific midnight after a moment, in UTC."""
    day = pacific_day(moment) + timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=PACIFIC).astimezone(UTC)
