"""Publish DAGs: copy a mart to a PostgreSQL table in steps that can be seen, retried and cleared separately.

Tables that belong to the DAG's own are published beside it, each whole in one task.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, Unpack

from airflow.sdk import (  # type: ignore[attr-defined]  # not in its stub
    DAG,
    Asset,
    AssetAll,
    AssetAny,
    AssetOrTimeSchedule,
    CronTriggerTimetable,
    DeadlineAlert,
    DeadlineReference,
    Param,
    SyncCallback,
)

from stir.alerts.runs import alert_missed_deadline
from stir.connections import Target
from stir.dags.assets import mart_asset, published_asset
from stir.dags.base import DagOptions, shaped_dag
from stir.dags.publish_step import ORDER, PublishStepOperator
from stir.dags.publish_table import PublishTableOperator

POOLS = {"export": "clickhouse", "load": "postgres", "index": "postgres", "verify": "postgres"}
"""The pool of each step. The swap only waits for readers and the cleanup is short, so they take no slot."""

GUARDS = ("minimum-rows", "shrink", "growth", "freshness", "contract")
"""The guards of stir.publish.spec, which is not imported because parsing must stay cheap; a test compares them."""

PARAMS = {
    "force": Param(
        False,
        type="boolean",
        title="Publish an unchanged mart, too",
        description="Load and swap although readers have this content already.",
    ),
    "allow": Param(
        [],
        type=["null", "array"],
        items={"type": "string", "enum": list(GUARDS)},
        examples=list(GUARDS),  # the choices in the form
        title="Guards to waive",
        description="Guards to waive for this run; the log names those that would have refused.",
    ),
}
"""Params of a run by hand; the UI shows them as a form. Scheduled runs have the defaults."""

TIMEOUT = timedelta(hours=2)
DEADLINE = timedelta(hours=1)
RETRIES = 3


@dataclass(frozen=True, kw_only=True)
class Beside:
    """A table that a publish DAG publishes beside its own.

    Attributes:
        name: the published table, as `stir publish` calls it.
        mart: the mart that it is made from.
        isolated: the mart is built by another DAG than the first table's, so its update starts a run by itself.
    """

    name: str
    mart: str
    isolated: bool = False


@dataclass(frozen=True, kw_only=True)
class PublishRun:
    """The definition of a publish DAG.

    Attributes:
        name: the published table, as `stir publish` calls it.
        mart: the mart whose asset starts the DAG; the table's spec names it too, and a test compares the two.
        target: which PostgreSQL database.
        beside: further tables of the same domain, each published by one task that depends on no other.
        deadline: a run that has not ended this long after it was queued is reported to its tier's channel.
    """

    name: str
    mart: str
    target: Target
    beside: tuple[Beside, ...] = ()
    deadline: timedelta = DEADLINE

    def condition(self) -> AssetAny | list[Asset]:
        """The assets that start the DAG: the marts that one build makes together, or one that another build makes."""
        if not self.beside:
            return [mart_asset(self.mart)]
        together = [mart_asset(self.mart), *(mart_asset(table.mart) for table in self.beside if not table.isolated)]
        return AssetAny(AssetAll(*together), *(mart_asset(table.mart) for table in self.beside if table.isolated))


def publish_dag(
    dag_id: str,
    *,
    latest_start: str,
    run: PublishRun,
    category: Literal["publish", "operations"] = "publish",
    **options: Unpack[DagOptions],
) -> DAG:
    """The DAG `dag_id`: runs when the marts' assets are updated, and at `latest_start` (cron, UTC) in any case.

    The later of the two finds an unchanged mart, skips the steps after the export, and succeeds.
    """
    dag = shaped_dag(
        dag_id,
        category=category,
        schedule=AssetOrTimeSchedule(
            timetable=CronTriggerTimetable(latest_start, timezone="UTC"), assets=run.condition()
        ),
        timeout=TIMEOUT,
        retries=RETRIES,
        params=PARAMS,
        deadline=DeadlineAlert(
            reference=DeadlineReference.DAGRUN_QUEUED_AT,
            interval=run.deadline,
            callback=SyncCallback(
                alert_missed_deadline,
                kwargs={"tier": options["tier"], "promise": f"{run.name} is published within {run.deadline}"},
            ),
        ),
        **options,
    )
    with dag:
        before: PublishStepOperator | None = None
        for step in ORDER:
            outlets = [published_asset(run.name, run.target)] if step == "swap" else []
            pool = POOLS.get(step, "default_pool")
            task = PublishStepOperator(step=step, name=run.name, target=run.target, pool=pool, outlets=outlets)
            if before:
                before >> task
            before = task
        # A teardown runs whether the steps succeeded or not, and its success does not hide a failed run.
        task.as_teardown()
        for table in run.beside:
            outlets = [published_asset(table.name, run.target)]
            PublishTableOperator(name=table.name, target=run.target, pool="postgres", outlets=outlets)
    return dag
