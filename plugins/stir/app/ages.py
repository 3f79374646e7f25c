"""Whether a table is older than promised, at the moment of a request."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

from stir.app.meanings import read_definitions
from stir.app.reading.generations import Generations

MOMENT: ContextVar[datetime | None] = ContextVar("moment", default=None)
"""When the request came by the application's clock; None where nothing is to be said of ages."""


def stale_tables(generations: Generations, now: datetime | None) -> list[str]:
    """The tables that were not published in time, or whose data are older than promised."""
    if now is None:
        return []
    promised = read_definitions()["tables"]
    found = []
    for table, generation in sorted(generations.by_table.items()):
        known = promised.get(table, {})
        within, data_within = known.get("published_within_hours"), known.get("data_within_hours")
        if _is_over(generation.published_at, within, now) or _is_over(generation.watermark, data_within, now):
            found.append(table)
    return found


def notes_on_age(generations: Generations) -> Sequence[str]:
    """What an answer of the current request says of old tables."""
    return [
        f"stale: {table} is older than promised; /api/v1/freshness says by how much"
        for table in stale_tables(generations, MOMENT.get())
    ]


def _is_over(moment: datetime | None, hours: int | None, now: datetime) -> bool:
    if moment is None or hours is None:
        return False
    return now - (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) > timedelta(hours=hours)
