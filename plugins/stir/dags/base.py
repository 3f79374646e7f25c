"""What every DAG has in common: DAGS.md's "Every DAG", in one place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from airflow.sdk import DAG

from stir.alerts.runs import alert_failed_run
from stir.dags.run_conf import at_start
from stir.dags.trial import TryableDag, refuse_real_run

Category = Literal["transform", "instagram", "youtube", "publish", "operations", "assets", "utility"]

START = datetime(2024, 1, 1, tzinfo=UTC)
"""Real and fixed: no run is made before it, and a backfill may go back to it."""


def before_task(context: Any) -> None:
    """What holds before any task does anything; raises where it does not."""
    at_start(context)
    refuse_real_run(context)


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
    retries: int = 2,
    **more: Any,
) -> DAG:
    """A DAG with the house's promises: no catch-up, one active run, retries with back-off, one alert per failed run.

    `doc` is the DAG file's docstring; `timeout` bounds a whole run, its retries included. `more` goes to `DAG`.

    Raises:
        ValueError: the DAG file has no docstring, which is what an operator reads when a run fails.
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
        **more,
    )
