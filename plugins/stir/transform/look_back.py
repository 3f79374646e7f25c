"""How far back a run reads: usually a little, more once a day, and far once a week.

The owner's first run after REPAIR_HOUR reads rows that arrived later than the usual look-back. Only the run's own times
decide what is due, so a retry reads the same rows as the first try.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

REPAIR_HOUR = time(2, tzinfo=UTC)
DAILY_HOURS = 72
WEEKLY_HOURS = 35 * 24

VARIABLE = "STIR_LOOK_BACK_HOURS"
"""Read by the macro look_back_hours when a model runs, not when it is parsed: decision 0014."""


def look_back_hours(at: datetime, last_good: datetime | None) -> int | None:
    """Hours that the run of the tick `at` reads back; None for the usual look-back.

    `last_good` is the tick of the newest good run before it. A repair is due when REPAIR_HOUR has passed since then,
    the far one when that of a Sunday has; so a repair that failed, or a Sunday on which nothing ran, is made up for.
    Without an earlier good run nobody can know what was missed.
    """
    if last_good is None:
        return WEEKLY_HOURS
    newest = datetime.combine(at.astimezone(UTC).date(), REPAIR_HOUR)
    if newest > at:
        newest -= timedelta(days=1)
    if newest <= last_good:
        return None
    sunday = newest - timedelta(days=newest.isoweekday() % 7)
    return WEEKLY_HOURS if sunday > last_good else DAILY_HOURS
