"""Runs of DAGs as the end-to-end tests follow them: started, waited for, and read.

Airflow goes on by the clock while tests look at it: whenever a DAG is unpaused, a run of its schedule may come before,
beside or behind the one that a test asked for. What is asserted must hold in any case.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from stir.local.airflow.api import ENDED, AirflowApi

PATIENCE = 900
"""Seconds before a test gives up: far beyond what anything takes, for it only bounds how long a hang lasts."""


def wait_for(condition: Callable[[], Any], what: str) -> Any:
    """Ask until the answer is something; returns it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.3)
    raise AssertionError(f"waited {PATIENCE} s for {what}")


def runs(api: AirflowApi, dag_id: str, **chosen: Any) -> list[dict[str, Any]]:
    """A DAG's runs, the oldest first, up to the hundred that Airflow gives at once; `~` stands for every DAG."""
    parameters = {"order_by": "run_after", "limit": 100, **chosen}
    return list(api.call("GET", f"/dags/{dag_id}/dagRuns", params=parameters)["dag_runs"])


def active(api: AirflowApi, dag_id: str) -> list[dict[str, Any]]:
    """The runs that are not over yet."""
    return runs(api, dag_id, state=["queued", "running"])


def past(api: AirflowApi, dag_id: str, **chosen: Any) -> list[dict[str, Any]]:
    """The runs that are over; one that a tick made right before its DAG was paused waits, and may come any time."""
    return runs(api, dag_id, state=sorted(ENDED), **chosen)


@contextmanager
def unpaused(api: AirflowApi, *dag_ids: str) -> Iterator[None]:
    """DAGs that run, by the clock and by hand; what they have begun is over before they are paused again."""
    for dag_id in dag_ids:
        api.set_paused(dag_id, False)
    try:
        yield
        for dag_id in dag_ids:
            wait_for(lambda name=dag_id: not active(api, name), f"runs of {dag_id} to end")  # type: ignore[misc]
    finally:
        for dag_id in dag_ids:
            api.set_paused(dag_id, True)


def ended(api: AirflowApi, dag_id: str, run_id: str) -> str:
    """Wait until a run has ended; returns `success` or `failed`."""
    return api.wait(dag_id, run_id, seconds=PATIENCE)


def run(api: AirflowApi, dag_id: str, conf: dict[str, Any] | None = None) -> tuple[str, str]:
    """Let a DAG run until everything it has begun is over; returns id and state of the run that was asked for."""
    with unpaused(api, dag_id):
        run_id = api.trigger(dag_id, conf)
        return run_id, ended(api, dag_id, run_id)


def first_scheduled_runs(api: AirflowApi, dag_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Unpause DAGs together; returns the first run that the clock gave each, when nothing of any is under way.

    Each is paused again as soon as it is idle, because the clock runs while others are waited for.
    """
    first: dict[str, dict[str, Any]] = {}

    def all_at_rest() -> bool:
        busy = {run["dag_id"] for run in active(api, "~")}
        for dag_id in set(dag_ids) - busy - first.keys():
            if begun := past(api, dag_id, run_type=["scheduled"]):
                api.set_paused(dag_id, True)
                first[dag_id] = begun[0]
        return len(first) == len(dag_ids)

    for dag_id in dag_ids:
        api.set_paused(dag_id, False)
    wait_for(all_at_rest, "the first run of each to end")
    return first


def failed_once(api: AirflowApi, dag_id: str, run_id: str, task_id: str) -> bool:
    """Whether a task's first attempt is over and failed, even if the next one has begun since."""
    task = api.tasks(dag_id, run_id)[task_id]
    return bool(task["state"] == "up_for_retry" or task["try_number"] > 1)


def logs(api: AirflowApi, dag_id: str, run_id: str) -> str:
    """What a run's tasks wrote in their last attempts."""
    tasks = api.tasks(dag_id, run_id).items()
    return "\n".join(api.log(dag_id, run_id, name, max(task["try_number"], 1)) for name, task in tasks)


def returned(api: AirflowApi, dag_id: str, run_id: str, task_id: str) -> dict[str, Any]:
    """What a task returned."""
    path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/xcomEntries/return_value"
    return dict(api.call("GET", path, params={"deserialize": "true"})["value"])
