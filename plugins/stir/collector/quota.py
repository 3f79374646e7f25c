"""What has been used of each source: the quota ledger by bucket and Pacific day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from stir.collector.limits import Source
from stir.collector.pacific import pacific_day

if TYPE_CHECKING:
    import psycopg


@dataclass(frozen=True)
class Used:
    """One line of the ledger. `limit` is None where the bucket has none by the day."""

    day: date
    source: str
    bucket: str
    project: str
    calls: int
    units: int
    limit: int | None
    closed_until: datetime | None

    @property
    def left(self) -> int | None:
        """Units that are left of the day, None without a limit; 0 while the source says that it is used up."""
        if self.closed_until is not None:
            return 0
        return None if self.limit is None else max(0, self.limit - self.units)


def ledger(
    connection: psycopg.Connection, sources: Mapping[str, Source], *, moment: datetime, days: int = 1
) -> list[Used]:
    """The newest days of the ledger, the newest first."""
    today = pacific_day(moment)
    rows = connection.execute(
        "select q.day, q.source, q.bucket, q.project, q.calls, q.units,"
        " case when q.day = %(today)s then (select b.until from collector.closed_bucket as b"
        "  where (b.source, b.bucket, b.project) = (q.source, q.bucket, q.project) and b.until > %(moment)s) end"
        " from collector.quota as q where q.day > %(first)s order by q.day desc, q.source, q.bucket, q.project",
        {"today": today, "moment": moment, "first": today - timedelta(days=days)},
    ).fetchall()
    return [
        Used(day, source, bucket, project, calls, units, _daily(sources, source, bucket), closed)
        for day, source, bucket, project, calls, units, closed in rows
    ]


def _daily(sources: Mapping[str, Source], source: str, bucket: str) -> int | None:
    found = sources[source].buckets.get(bucket, ()) if source in sources else ()
    return next((limit.count for limit in found if limit.seconds is None), None)
