"""A worker for the synthetic world: picks requests, lets the world answer them, and records the results.

A worker of the real platforms does the same with the platforms' APIs; the queue does not know the difference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from psycopg.rows import dict_row

from stir import connections
from stir.errors import StirError
from stir.scrape_queue import queue
from stir.scrape_queue.flows import FLOWS
from stir.settings import Settings
from stir.world.answers import ANSWERED, answer, moment, replicate

BATCH = 500

Progress = Callable[[int], None]


@dataclass(frozen=True, kw_only=True)
class Answered:
    """How many requests were answered, failed because the world does not know the entity, and still wait."""

    answered: int
    failed: int
    waiting: int


def answer_requests(settings: Settings, limit: int, progress: Progress = lambda done: None) -> Answered:
    """Answer up to `limit` requests that the world can answer, the most urgent first.

    If it is interrupted, the next worker takes over its requests. Answering a request twice adds nothing.

    Raises:
        StirError: there is no world, or another worker answers from it.
    """
    present, answered, failed = moment(settings), 0, 0
    with connections.beat(settings, autocommit=True) as connection:
        queue.prepare(connection)
        locked = connection.execute("select pg_try_advisory_lock(hashtext('stir world work'))").fetchone()
        if not locked or not locked[0]:
            raise StirError(
                "another worker answers from this world", do="wait until the other `./stir world work` has ended"
            )
        # The world's time stands still between two steps, so leases never expire. A single worker needs none.
        queue.reset_stuck(connection, moment=present, lease=timedelta(0))
        queue.expire(connection, moment=present)
        while answered + failed < limit:
            picked = queue.pick(connection, min(BATCH, limit - answered - failed), moment=present, flows=ANSWERED)
            if not picked:
                break
            flows: dict[str, list[queue.Picked]] = defaultdict(list)
            for request in picked:
                flows[request.flow].append(request)
            for flow, requests in flows.items():
                found = answer(settings, flow, [pair for each in requests for pair in _entities(each)])
                answered += queue.complete(connection, [each for each in requests if each.id in found], moment=present)
                for lost in (each for each in requests if each.id not in found):
                    failed += queue.fail(connection, lost, "(404) not found", moment=present, retry=False)
            progress(answered + failed)
        waiting = connection.execute(
            "select count(*) from scrape_request_log where status = 'PENDING' and expires_at > %s", [present]
        ).fetchone()
    show(settings)
    return Answered(answered=answered, failed=failed, waiting=int(waiting[0]) if waiting else 0)


def show(settings: Settings) -> None:
    """Copy the requests into the tables from which the warehouse reads them."""
    with connections.beat(settings) as connection, connection.cursor(row_factory=dict_row) as cursor:
        replicate(settings, cursor.execute("select * from scrape_request_log order by id").fetchall())


def _entities(request: queue.Picked) -> list[tuple[int, str]]:
    value = request.params[FLOWS[request.flow].entity]
    return [(request.id, each) for each in (value if isinstance(value, list) else [value])]
