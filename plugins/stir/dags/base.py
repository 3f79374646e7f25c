"""The properties that every DAG shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypedDict

from airflow.sdk import DAG, DeadlineAlert, Param  # type: ignore[attr-defined]  # not in its stub

from stir.alerts.runs import alert_failed_run
from stir.dags.run_conf import at_start
from stir.dags.trial import TryableDag, refuse_other_run

Category = Literal["transform", "instagram", "youtube", "publish", "operations", "assets", "utility"]

START = datetime(2024, 1, 1, tzinfo=UTC)
"""A fixed date: no scheduled run is older, and a backfill may go back to it."""


class DagOptions(TypedDict):
    """The options that every DAG file gives; the factories pass them to `shaped_dag`, which refuses any other name.

    `owner` is the responsible team; `tier` 1 wakes somebody, 3 waits until the morning; `doc` is the file's docstring.
    """

    owner: str
    tier: Literal[1, 2, 3]
    tags: Sequence[str]
    doc: str | None


class ScheduledDagOptions(DagOptions):
    """The options of factories that serve several categories; `schedule` is a cron expression (UTC), None: by hand."""

    category: Category
    schedule: str | None


def before_task(context: Any) -> None:
    """Checks before a task does anything; raises if one fails."""
    at_start(context)
    refuse_other_run(context)


def shaped_dag(
    dag_id: str,
    *,
    category: Category,
    schedule: Any,
    owner: str,
    tier: Literal[1, 2, 3],
    tags: Sequence[str],
    doc: str | None,
    timeout: timedelta,
    params: Mapping[str, Param],
    retries: int = 2,
    deadline: DeadlineAlert | None = None,
) -> DAG:
    """A DAG with the common properties: no catch-up, one active run, retries with back-off, one alert per failed run.

    `timeout` bounds a whole run with its retries; `params` are the values that a run by hand may set.

    Raises:
        ValueError: the DAG file has no docstring. Operators read it when a run fails.
    """
    if not doc or not doc.strip():
        raise ValueError(
            f"{dag_id}: the DAG file needs a docstring: what it does, who depends on it, what to do when it fails"
        )
    return TryableDag(
        dag_id,
        schedule=schedule,
        start_date=START,
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=timeout,
        tags=[category, *tags, f"tier{tier}"],
        doc_md=doc,
        on_failure_callback=alert_failed_run(tier),
        default_args={
            "owner": owner,
            "retries": retries,
            "pre_execute": before_task,
            # How long the first and the longest wait are is a matter of the installation, so Airflow's own
            # options say it: [core] default_task_retry_delay and max_task_retry_delay.
            "retry_exponential_backoff": 2.0,
        },
        params=dict(params),
        deadline=deadline,
    )
