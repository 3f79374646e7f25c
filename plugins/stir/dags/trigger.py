"""Trigger DAGs: find entities in the warehouse that need a refresh, and request it in beat's scrape queue."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Unpack

from airflow.sdk import DAG, BaseOperator, Param

from stir.dags.base import ScheduledDagOptions, shaped_dag
from stir.dags.trial import is_dry
from stir.dags.upstreams import report_reading, with_reading
from stir.triggers.registry import CHANNELS
from stir.triggers.spec import TriggerSpec
from stir.triggers.warehouse import models_read

if TYPE_CHECKING:
    from stir.scrape_queue.flows import Platform
    from stir.settings import Settings

POOL = "triggers"
TIMEOUT = timedelta(minutes=30)
PUNCTUAL = timedelta(hours=1)
"""A scheduled run that begins within this time of its tick uses the tick as its moment."""

PARAMS = {
    "dry_run": Param(False, type="boolean", title="Dry run", description="Log what would be done, and write nothing."),
}


class QueueOperator(BaseOperator):  # type: ignore[misc]
    """A task on the queue. It knows its moment, which models it reads, and whether it may write."""

    def __init__(self, *, reads: Collection[str] = (), **options: Any) -> None:
        super().__init__(**options)
        self.reads = sorted(reads)

    def execute(self, context: Any) -> dict[str, Any]:
        """Raises:
        StirError: the warehouse lacks what the task needs.
        """
        from stir.clock import now
        from stir.settings import load_settings

        report_reading(context, self.log, self.reads)
        settings = load_settings()
        moment = now(settings) if settings.as_of else self.moment_of(context, now(settings))
        return self.perform(settings, moment, is_dry(context))

    @abstractmethod
    def perform(self, settings: Settings, moment: datetime, dry_run: bool) -> dict[str, Any]:
        """Do the work of the task; returns counts."""

    @staticmethod
    def moment_of(context: Any, clock: datetime) -> datetime:
        """The tick of a scheduled run. Counted from the moment at which a run happens to begin, a window as long as the
        schedule would let every second run find that the last request is some seconds too young."""
        run = context["dag_run"]
        if run.run_type != "scheduled" or run.logical_date is None:
            return clock
        tick: datetime = run.logical_date.astimezone(UTC)
        return tick if clock - tick <= PUNCTUAL else clock


class EnqueueRequestsOperator(QueueOperator):
    """Requests what is due."""

    def __init__(self, *, spec: TriggerSpec, **options: Any) -> None:
        super().__init__(**options)
        self.spec = spec

    def perform(self, settings: Settings, moment: datetime, dry_run: bool) -> dict[str, Any]:
        """Log the summary and return it."""
        from stir.triggers.run import run_trigger

        summary = run_trigger(settings, self.spec, moment=moment, dry_run=dry_run)
        for line in summary.lines():
            self.log.info(line)
        return asdict(summary)


class RecoverRequestsOperator(QueueOperator):
    """Releases stuck requests, and closes requests that nobody picked."""

    def __init__(self, *, platform: Platform, **options: Any) -> None:
        super().__init__(**options)
        self.platform = platform

    def perform(self, settings: Settings, moment: datetime, dry_run: bool) -> dict[str, Any]:
        """Log the counts and return them."""
        from stir.scrape_queue.recovery import recover

        done = recover(settings, self.platform, moment=moment, dry_run=dry_run)
        self.log.info("%s: %d requeued, %d failed, %d expired", self.platform, done.requeued, done.failed, done.expired)
        return asdict(done)


class UpsertRegistryOperator(QueueOperator):
    """Adds new channels to the registry."""

    def perform(self, settings: Settings, moment: datetime, dry_run: bool) -> dict[str, Any]:
        """Log the counts and return them."""
        from stir.triggers.registry import sync_registry

        known, added = sync_registry(settings, dry_run=dry_run)
        self.log.info("%d channels known, %d added to the registry", known, added)
        return {"known": known, "added": added}


def trigger_dag(dag_id: str, *, spec: TriggerSpec, **options: Unpack[ScheduledDagOptions]) -> DAG:
    """The DAG `dag_id`, whose one task requests what the spec finds due."""
    reads = models_read(spec.candidates)
    options["doc"] = with_reading(options["doc"], reads)
    with (dag := shaped_dag(dag_id, timeout=TIMEOUT, params=PARAMS, **options)):
        EnqueueRequestsOperator(task_id="enqueue", spec=spec, reads=reads, pool=POOL)
    return dag


def recovery_dag(dag_id: str, *, platform: Platform, **options: Unpack[ScheduledDagOptions]) -> DAG:
    """The DAG `dag_id`, which keeps one platform's requests moving."""
    with (dag := shaped_dag(dag_id, timeout=TIMEOUT, params=PARAMS, **options)):
        RecoverRequestsOperator(task_id="recover", platform=platform, pool=POOL)
    return dag


def registry_dag(dag_id: str, **options: Unpack[ScheduledDagOptions]) -> DAG:
    """The DAG `dag_id`, which keeps the registry of channels complete."""
    reads = models_read(CHANNELS, quarantine=False)
    options["doc"] = with_reading(options["doc"], reads)
    with (dag := shaped_dag(dag_id, timeout=TIMEOUT, params=PARAMS, **options)):
        UpsertRegistryOperator(task_id="upsert", reads=reads, pool=POOL)
    return dag
