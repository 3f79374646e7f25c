"""The scrape queue in beat's database: enqueue, pick, hold, complete, fail, give back, and release stuck requests.

Every function is one statement in the connection's own transaction, so no lock is held while a worker works.
The caller passes the moment, so that a synthetic world of the past is answered in its own time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from stir.database import BEAT, apply

if TYPE_CHECKING:
    import psycopg

LEASE = timedelta(minutes=15)
"""A request whose worker has been silent for so long belongs to one that no longer exists."""

CHANNEL = "scrape_request_log"
"""NOTIFY on this channel says that requests were added."""

MAX_RETRIES = 3

EXPIRED = "(408) expired before it was picked"
ABANDONED = "(408) abandoned by its workers"


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request to enqueue. `key` prevents a second request of the same content; priority 1 goes first."""

    key: str
    platform: str
    flow: str
    params: dict[str, Any]
    priority: int
    expires_at: datetime
    account_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Picked:
    """A request that a worker holds. `retry_count` distinguishes its lease from those of other workers."""

    id: int
    platform: str
    flow: str
    params: dict[str, Any]
    priority: int
    retry_count: int
    created_at: datetime


def prepare(connection: psycopg.Connection) -> None:
    """Create the queue's table and indexes where they are missing.

    Raises:
        StirError: the role may not create them.
    """
    apply(connection, BEAT)


def enqueue(connection: psycopg.Connection, requests: Sequence[Request], *, moment: datetime) -> int:
    """Add the requests whose keys are new, all in one statement. Returns how many were added."""
    from psycopg.types.json import Jsonb

    added = connection.execute(
        """
        insert into scrape_request_log
            (idempotency_key, platform, flow, params, priority, expires_at, account_id, created_at)
        select key, platform, flow, params, priority, expires_at, account_id, %s
        from unnest(%s::text[], %s::text[], %s::text[], %s::jsonb[], %s::smallint[], %s::timestamptz[], %s::text[])
            as offered (key, platform, flow, params, priority, expires_at, account_id)
        on conflict (idempotency_key) do nothing
        """,
        [
            moment,
            [request.key for request in requests],
            [request.platform for request in requests],
            [request.flow for request in requests],
            [Jsonb(request.params) for request in requests],
            [request.priority for request in requests],
            [request.expires_at for request in requests],
            [request.account_id for request in requests],
        ],
    )
    return added.rowcount


def depth(connection: psycopg.Connection, flow: str, *, moment: datetime) -> int:
    """The number of requests of a flow that wait or are in work."""
    row = connection.execute(
        "select count(*) from scrape_request_log"
        " where flow = %s and expires_at > %s and status in ('PENDING', 'PROCESSING')",
        [flow, moment],
    ).fetchone()
    return int(row[0]) if row else 0


def pick(
    connection: psycopg.Connection, limit: int = 1, *, moment: datetime, flows: Sequence[str] | None = None
) -> list[Picked]:
    """Take up to `limit` requests: highest priority first, then the oldest; expired ones and those that were given back
    until a later time are left alone.

    Two workers never get the same request: rows that another worker is taking are skipped.
    """
    rows = connection.execute(
        """
        with chosen as materialized
        (
            select id
            from scrape_request_log
            where status = 'PENDING' and expires_at > %(moment)s and (due_at is null or due_at <= clock_timestamp())
                and (%(flows)s::text[] is null or flow = any(%(flows)s))
            order by priority, created_at, id
            limit %(limit)s
            for update skip locked
        )
        update scrape_request_log as request
        set status = 'PROCESSING', picked_at = %(moment)s, held_at = %(moment)s
        from chosen
        where request.id = chosen.id
        returning request.id, platform, flow, params, priority, retry_count, created_at
        """,
        {"moment": moment, "limit": limit, "flows": list(flows) if flows is not None else None},
    ).fetchall()
    names = ("id", "platform", "flow", "params", "priority", "retry_count", "created_at")
    picked = [Picked(**dict(zip(names, row, strict=True))) for row in rows]
    return sorted(picked, key=lambda request: (request.priority, request.created_at, request.id))


def complete(
    connection: psycopg.Connection, requests: Sequence[Picked], *, moment: datetime, data: str = '{"ok":true}'
) -> int:
    """Close answered requests. Returns how many the caller still held: a lost lease completes nothing."""
    done = connection.execute(
        """
        update scrape_request_log as request
        set status = 'COMPLETE', scraped_at = %s, data = %s
        from unnest(%s::bigint[], %s::smallint[]) as held (id, retry_count)
        where request.id = held.id and request.retry_count = held.retry_count and status = 'PROCESSING'
        """,
        [moment, data, [request.id for request in requests], [request.retry_count for request in requests]],
    )
    return done.rowcount


def fail(
    connection: psycopg.Connection,
    request: Picked,
    error: str,
    *,
    moment: datetime,
    retry: bool = True,
    until: datetime | None = None,
) -> bool:
    """Release a request for another try, or close it as failed if it may not be retried (again).

    `error` begins with a code in parentheses, such as `(429) too many requests`. Another try begins no earlier than
    `until`. Returns whether the request was still the caller's.
    """
    failed = connection.execute(
        """
        update scrape_request_log
        set status = case when again then 'PENDING' else 'FAILED' end,
            retry_count = retry_count + again::int,
            scraped_at = case when again then null else %(moment)s end,
            due_at = case when again then %(until)s::timestamptz end,
            data = %(error)s
        from (values (%(retry)s and %(retries)s < %(most)s)) as decision (again)
        where id = %(id)s and retry_count = %(retries)s and status = 'PROCESSING'
        """,
        {
            "moment": moment,
            "error": error,
            "until": until,
            "retry": retry,
            "retries": request.retry_count,
            "most": MAX_RETRIES,
            "id": request.id,
        },
    )
    return failed.rowcount == 1


def give_back(
    connection: psycopg.Connection,
    requests: Sequence[Picked],
    *,
    until: datetime | None = None,
    reason: str | None = None,
) -> int:
    """Return requests unharmed: no try is counted, and nobody picks them before `until` by the server's clock, which a
    world of the past does not have.

    Returns how many the caller still held.
    """
    returned = connection.execute(
        """
        update scrape_request_log as request
        set status = 'PENDING', picked_at = null, held_at = null, due_at = %s, data = coalesce(%s, data)
        from unnest(%s::bigint[], %s::smallint[]) as held (id, retry_count)
        where request.id = held.id and request.retry_count = held.retry_count and status = 'PROCESSING'
        """,
        [until, reason, [request.id for request in requests], [request.retry_count for request in requests]],
    )
    return returned.rowcount


def wake(connection: psycopg.Connection) -> int:
    """Let requests that were given back until later be picked now, because what they wait for may have changed.
    Requests that failed keep their pause.

    Returns how many there are: none where there is no queue yet.
    """
    if connection.execute("select to_regclass('scrape_request_log')").fetchone() == (None,):
        return 0
    woken = connection.execute(
        "update scrape_request_log set due_at = null where status = 'PENDING' and due_at > clock_timestamp()"
        " and (data is null or data not like '(%%' or data like '(429)%%')",
        [],
    )
    return woken.rowcount


def hold(connection: psycopg.Connection, requests: Sequence[Picked], *, moment: datetime) -> set[int]:
    """Say that the caller still works on these requests. Returns the ids of those that it still holds."""
    rows = connection.execute(
        """
        update scrape_request_log as request
        set held_at = %s
        from unnest(%s::bigint[], %s::smallint[]) as held (id, retry_count)
        where request.id = held.id and request.retry_count = held.retry_count and status = 'PROCESSING'
        returning request.id
        """,
        [moment, [request.id for request in requests], [request.retry_count for request in requests]],
    ).fetchall()
    return {number for (number,) in rows}


def reset_stuck(
    connection: psycopg.Connection, *, moment: datetime, platform: str | None = None, lease: timedelta = LEASE
) -> tuple[int, int]:
    """Give back requests whose worker was silent for a whole lease. Returns how many wait again and how many failed.

    A request that was given back MAX_RETRIES times fails instead: whatever it is, it kills its workers.
    """
    rows = connection.execute(
        """
        update scrape_request_log
        set status = case when retry_count < %(most)s then 'PENDING' else 'FAILED' end,
            retry_count = least(retry_count + 1, %(most)s),
            scraped_at = case when retry_count < %(most)s then null else %(moment)s end,
            data = %(reason)s
        where status = 'PROCESSING' and coalesce(held_at, picked_at) <= %(before)s
            and (%(platform)s::text is null or platform = %(platform)s)
        returning status
        """,
        {
            "most": MAX_RETRIES,
            "moment": moment,
            "before": moment - lease,
            "platform": platform,
            "reason": ABANDONED,
        },
    ).fetchall()
    waiting = sum(status == "PENDING" for (status,) in rows)
    return waiting, len(rows) - waiting


def expire(
    connection: psycopg.Connection, *, moment: datetime, flow: str | None = None, platform: str | None = None
) -> int:
    """Close the requests that nobody picked in time. Returns how many."""
    closed = connection.execute(
        """
        update scrape_request_log
        set status = 'FAILED', data = %(reason)s
        where status = 'PENDING' and expires_at <= %(moment)s
            and (%(flow)s::text is null or flow = %(flow)s)
            and (%(platform)s::text is null or platform = %(platform)s)
        """,
        {"reason": EXPIRED, "moment": moment, "flow": flow, "platform": platform},
    )
    return closed.rowcount
