"""One run of a trigger: reads candidates from the warehouse, adds requests to the queue, and returns a summary."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stir import connections
from stir.scrape_queue import queue
from stir.settings import Settings
from stir.triggers import warehouse
from stir.triggers.guard import capacity_left, only_one, read_last_requests
from stir.triggers.plan import Counts, plan
from stir.triggers.spec import TriggerSpec


@dataclass(frozen=True, kw_only=True)
class TriggerSummary(Counts):
    """The result of a run. `enqueued` and `known` count requests, all others count entities."""

    flow: str
    enqueued: int
    known: int
    dry_run: bool

    def lines(self) -> list[str]:
        """The summary for a log, one fact a line."""
        facts = {
            "candidates": self.candidates,
            "in quarantine": self.quarantined,
            "asked for already": self.asked,
            "left for tomorrow's budget": self.over_budget,
            "left because the queue is full": self.capped,
            "keys known to the queue": self.known,
            "would be enqueued" if self.dry_run else "enqueued": self.enqueued,
        }
        width = max(len(name) for name in facts)
        return [self.flow, *(f"  {name:<{width}}  {count:>9,}" for name, count in facts.items())]


def run_trigger(settings: Settings, spec: TriggerSpec, *, moment: datetime, dry_run: bool = False) -> TriggerSummary:
    """Request what is due. A second run in the same window adds nothing.

    With `dry_run` nothing is written.

    Raises:
        StirError: the candidates' SQL does not fit the spec, or the warehouse is not built.
        psycopg.Error, clickhouse_connect.driver.exceptions.Error: a server is away or refuses.
    """
    tracked = warehouse.tracked_entities(settings, spec.tracked)
    client = warehouse.reader(settings)
    with connections.beat(settings, autocommit=True) as connection:
        queue.prepare(connection)
        with only_one(connection, spec), connections.expecting_a_built_warehouse():
            if not dry_run:
                queue.expire(connection, moment=moment, flow=spec.flow)
            asked = read_last_requests(connection, spec, moment=moment)
            capacity = capacity_left(connection, spec, moment=moment, budget=settings.language_model_tokens)
            with warehouse.candidates(client, spec, tracked, moment=moment) as rows:
                planned = plan(
                    spec,
                    rows,
                    asked=asked,
                    quarantines=warehouse.quarantines(client, spec.flow, moment=moment),
                    capacity=capacity,
                    moment=moment,
                )
            offered = len(planned.requests)
            added = offered if dry_run else queue.enqueue(connection, planned.requests, moment=moment)
    return TriggerSummary(
        flow=spec.flow,
        **planned.counts(),
        enqueued=added,
        known=offered - added,
        dry_run=dry_run,
    )
