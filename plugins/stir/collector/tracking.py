"""Whom a person tracks: channels and profiles in `ops.tracked_entity`, and the requests that are due for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stir import connections
from stir.database import prepare
from stir.scrape_queue import queue
from stir.scrape_queue.flows import FLOWS
from stir.scrape_queue.queue import Request
from stir.settings import Settings

if TYPE_CHECKING:
    import psycopg

KINDS = {"youtube": "critical_channel", "instagram": "tracked_profile"}
"""Platform to the kind of `ops.tracked_entity`. The trigger of critical channels reads the first, too."""
DUE = {
    "youtube": ("refresh_yt_profiles", "refresh_yt_posts_by_playlist_id"),
    "instagram": ("refresh_profile_by_handle",),
}
"""Platform to the flows that are due once a day for each tracked entity."""
_FIRST = 2
"""Priority of their requests: a person asked for them, but the reserve of priority 1 is not theirs."""


@dataclass(frozen=True)
class Tracked:
    """A channel or profile. `name` is what it was called when it was added."""

    platform: str
    value: str
    name: str
    enabled: bool
    since: datetime


def track(settings: Settings, platform: str, value: str, name: str) -> bool:
    """Track a channel (by its id) or a profile (by its handle). Returns whether it was not tracked before."""
    prepare(settings)
    with connections.postgres(settings, autocommit=True) as connection:
        row = connection.execute(
            "with before as (select enabled from ops.tracked_entity where kind = %(kind)s and value = %(value)s)"
            " insert into ops.tracked_entity (kind, value, priority, note) values (%(kind)s, %(value)s, 2, %(note)s)"
            " on conflict (kind, value) do update set enabled = true, note = excluded.note"
            " returning coalesce((select not enabled from before), true)",
            {"kind": KINDS[platform], "value": value, "note": name},
        ).fetchone()
    return bool(row and row[0])


def untrack(settings: Settings, platform: str, text: str) -> int:
    """Track no more what has this id, handle or name. Returns how many were tracked."""
    prepare(settings)
    wanted = text.strip().removeprefix("@").lower()
    with connections.postgres(settings, autocommit=True) as connection:
        return connection.execute(
            "update ops.tracked_entity set enabled = false where kind = %s and enabled"
            " and (lower(value) = %s or lower(ltrim(split_part(note, ' ', 1), '@')) = %s)",
            [KINDS[platform], wanted, wanted],
        ).rowcount


def tracked(settings: Settings) -> list[Tracked]:
    """Whom people track now."""
    prepare(settings)
    platforms = {kind: platform for platform, kind in KINDS.items()}
    with connections.postgres(settings) as connection:
        rows = connection.execute(
            "select kind, value, coalesce(note, ''), enabled, created_at from ops.tracked_entity"
            " where enabled and kind = any(%s) order by kind desc, created_at, value",
            [list(platforms)],
        ).fetchall()
    return [Tracked(platforms[kind], value, name, enabled, since) for kind, value, name, enabled, since in rows]


def request_due(connection: psycopg.Connection, who: Sequence[Tracked], *, moment: datetime) -> int:
    """Add to the queue what is due today for those who are tracked. Returns how many requests were added; the second
    call of a day adds none.
    """
    requests = [
        request
        for platform, flows in DUE.items()
        for flow in flows
        for request in requests_for(flow, [each.value for each in who if each.platform == platform], moment)
    ]
    return queue.enqueue(connection, requests, moment=moment)


def requests_for(flow: str, values: Sequence[str], moment: datetime) -> list[Request]:
    """A request for each entity and day of UTC; workers put those of one flow into common calls."""
    rules = FLOWS[flow]
    return [
        Request(
            key=f"{flow}:{value}:tracked-{moment.astimezone(UTC):%Y%m%d}",
            platform=rules.platform,
            flow=flow,
            params={rules.entity: [value] if rules.batch > 1 else value},
            priority=_FIRST,
            expires_at=moment + rules.lifetime,
            account_id=value,
        )
        for value in values
    ]


def last_answers(connection: psycopg.Connection, values: Sequence[str]) -> dict[str, datetime]:
    """When a request about each entity was last answered; those never answered are left out."""
    rows = connection.execute(
        "select account_id, max(scraped_at) from scrape_request_log"
        " where account_id = any(%s) and status = 'COMPLETE' group by account_id",
        [list(values)],
    ).fetchall()
    return dict(rows)
