"""Earlier requests, read from the queue for the same flow and the same parameter that a trigger sends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from stir.scrape_queue.flows import FLOWS
from stir.scrape_queue.queue import depth
from stir.triggers.plan import Capacity, Identity, LastRequests
from stir.triggers.spec import TriggerSpec

if TYPE_CHECKING:
    import psycopg

LOCK_TIMEOUT = "60s"
"""How long a trigger waits for another trigger of the same flow."""


@contextmanager
def only_one(connection: psycopg.Connection, spec: TriggerSpec) -> Iterator[None]:
    """Let triggers that share a depth or a budget decide one after the other. Workers are not blocked.

    Raises:
        psycopg.errors.LockNotAvailable: another trigger has not finished within PATIENCE.
    """
    name = "inference" if FLOWS[spec.flow].is_inference else spec.flow
    connection.execute("select set_config('lock_timeout', %s, false)", [LOCK_TIMEOUT])
    connection.execute("select pg_advisory_lock(hashtext('trigger'), hashtext(%s))", [name])
    try:
        yield
    finally:
        connection.execute("select pg_advisory_unlock(hashtext('trigger'), hashtext(%s))", [name])


def read_last_requests(
    connection: psycopg.Connection, spec: TriggerSpec, *, moment: datetime
) -> dict[Identity, LastRequests]:
    """Every identity that was requested of the flow within the longest window, or ever if there is no window."""
    since = moment - spec.window.every if spec.window.every else None
    rows = connection.execute(
        """
        select
            entity,
            per,
            max(created_at) filter (where status <> 'FAILED'),
            max(created_at) filter (where status = 'FAILED')
        from
        (
            select
                jsonb_array_elements_text(
                    case jsonb_typeof(params -> %(entity)s)
                        when 'array' then params -> %(entity)s
                        else jsonb_build_array(params -> %(entity)s)
                    end) as entity,
                coalesce(params ->> %(per)s, '') as per,
                created_at,
                status
            from scrape_request_log
            where flow = %(flow)s and (%(since)s::timestamptz is null or created_at > %(since)s)
        ) as requests
        group by entity, per
        """,
        {"flow": spec.flow, "entity": FLOWS[spec.flow].entity, "per": spec.window.per, "since": since},
    ).fetchall()
    return {(entity, per): LastRequests(last_at=last, failed_at=failed) for entity, per, last, failed in rows}


def capacity_left(connection: psycopg.Connection, spec: TriggerSpec, *, moment: datetime, budget: int) -> Capacity:
    """Requests until the flow's depth, and for inference the tokens that are left of `budget` today (UTC)."""
    flow = FLOWS[spec.flow]
    requests = flow.depth - depth(connection, spec.flow, moment=moment)
    if not flow.is_inference:
        return Capacity(requests=requests)
    spent = connection.execute(
        "select coalesce(sum((params ->> 'max_tokens')::bigint), 0) from scrape_request_log"
        " where flow = any(%s) and created_at >= date_trunc('day', %s, 'UTC') and created_at <= %s",
        [[name for name, each in FLOWS.items() if each.is_inference], moment, moment],
    ).fetchone()
    return Capacity(requests=requests, tokens=budget - (int(spent[0]) if spent else 0))
