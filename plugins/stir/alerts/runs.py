"""Alerts about DAG runs: one per failed run with every failed task named, one per missed deadline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from stir.alerts.notifier import Alert, notify

FAILED = "failed"
BLOCKED = "upstream_failed"


@dataclass(frozen=True)
class AlertFailedRun:
    """A DAG's `on_failure_callback`. Airflow calls it once when a run has failed, with one arbitrary task at most."""

    tier: int

    def __call__(self, context: Any) -> None:
        dag, run_id = context["dag"], str(context["run_id"])
        states = task_states(dag.dag_id, run_id)
        what = describe_failure(states, str(context.get("reason") or ""))
        notify(Alert(dag.dag_id, self.tier, what, owner=str(dag.owner), link=run_link(dag.dag_id, run_id)))


def alert_failed_run(tier: int) -> AlertFailedRun:
    """The failure callback of a DAG of that tier."""
    return AlertFailedRun(tier)


def alert_missed_deadline(tier: int, promise: str, context: Mapping[str, Any] | None = None) -> None:
    """A DAG's deadline callback. `promise` says what should be true by the deadline."""
    run = (context or {}).get("dag_run") or {}
    dag_id, run_id = str(run.get("dag_id", "?")), str(run.get("dag_run_id") or run.get("run_id") or "?")
    notify(Alert(dag_id, tier, f"run {run_id} missed its deadline: {promise}", link=run_link(dag_id, run_id)))


def describe_failure(states: Mapping[str, str | None], reason: str) -> str:
    """One line about a failed run: every failed task, and how many wait behind them.

    `states` maps task id to state. It is empty if the run timed out before a task began; then `reason` is shown.
    """
    failed = sorted(task for task, state in states.items() if state == FAILED)
    blocked = sorted(task for task, state in states.items() if state == BLOCKED)
    if not failed:
        return f"the run failed ({reason or 'no task reports a reason'})"
    behind = f"; not run because of that: {', '.join(blocked)}" if blocked else ""
    return f"failed tasks: {', '.join(failed)}{behind}"


def task_states(dag_id: str, run_id: str) -> dict[str, str | None]:
    """State of every task of a run, read from Airflow; mapped tasks have their index after a dot."""
    from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance

    states = RuntimeTaskInstance.get_task_states(dag_id=dag_id, run_ids=[run_id])
    return {
        task: None if state is None else str(getattr(state, "value", state))
        for task, state in states.get(run_id, {}).items()
    }


def run_link(dag_id: str, run_id: str) -> str:
    """The run's page in the web UI."""
    return f"{web_address()}/dags/{quote(dag_id)}/runs/{quote(run_id, safe='')}"


def web_address() -> str:
    """The address of the web UI without a slash at its end."""
    from airflow.sdk.configuration import conf

    return str(conf.get("api", "base_url", fallback="http://localhost:8080")).rstrip("/")
