"""Runs of DAGs as the end-to-end tests follow them: started, waited for, and read.

Airflow goes on by the clock while tests look at it: whenever a DAG is unpaused, a run of its schedule may come before,
beside or behind the one that a test asked for. What is asserted must hold in any case.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from stir.local.airflow.api import ENDED, AirflowApi

PATIENCE = 900
"""Seconds before a test gives up: far beyond what anything takes, for it only bounds how long a hang lasts."""
PAUSE, LONGEST_PAUSE = 0.5, 3.0
"""Seconds between two questions: Airflow's one API worker answers the tasks, too, which a stream of them would slow.
They grow with the wait, by a twelfth of it: answers to tests were a fifth of all that Airflow's processes did."""


def wait_for(condition: Callable[[], Any], what: str) -> Any:
    """Ask until the answer is something; returns it."""
    began = time.monotonic()
    while (waited := time.monotonic() - began) < PATIENCE:
        found = condition()
        if found:
            return found
        time.sleep(min(max(PAUSE, waited / 12), LONGEST_PAUSE))
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

    def state() -> str | None:
        found = str(api.run(dag_id, run_id)["state"])
        return found if found in ENDED else None

    return str(wait_for(state, f"run {run_id} of {dag_id} to end"))


def run(api: AirflowApi, dag_id: str, conf: dict[str, Any] | None = None) -> tuple[str, str]:
    """Let a DAG run until everything it has begun is over; returns id and state of the run.

    Where a tick is due, Airflow makes its run as soon as the DAG is unpaused, and a second one by hand would show no
    more; one with a conf is always made by hand.
    """
    earlier = {made["dag_run_id"] for made in runs(api, dag_id, run_type=["scheduled"])}
    by_clock = conf is None and tick_is_due(api, dag_id)

    def new() -> str | None:
        made = runs(api, dag_id, run_type=["scheduled"])
        return next((run["dag_run_id"] for run in made if run["dag_run_id"] not in earlier), None)

    with unpaused(api, dag_id):
        run_id = wait_for(new, f"the clock's run of {dag_id}") if by_clock else api.trigger(dag_id, conf)
        return run_id, ended(api, dag_id, run_id)


def tick_is_due(api: AirflowApi, dag_id: str) -> bool:
    """Whether a DAG gets a run by the clock as soon as it is unpaused."""
    tick = api.call("GET", f"/dags/{dag_id}")["next_dagrun_run_after"]
    return tick is not None and datetime.fromisoformat(tick) <= datetime.now(UTC)


def first_scheduled_runs(api: AirflowApi, dag_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Unpause DAGs together; returns the first run that the clock gave each, when nothing of any is under way.

    Each is paused again as soon as it is idle, because the clock runs while others are waited for.
    """
    first: dict[str, dict[str, Any]] = {}

    def all_at_rest() -> bool:
        busy = {run["dag_id"] for run in active(api, "~")}
        # One question for all of them, not one for each. Whoever does not fit into the answer is in the next one.
        wanted = sorted(set(dag_ids) - busy - first.keys())
        body = {"dag_ids": wanted, "states": sorted(ENDED), "order_by": "run_after"}
        for made in api.call("POST", "/dags/~/dagRuns/list", json=body)["dag_runs"] if wanted else []:
            if made["run_type"] == "scheduled" and made["dag_id"] not in first:
                api.set_paused(made["dag_id"], True)
                first[made["dag_id"]] = made
        return len(first) == len(dag_ids)

    for dag_id in dag_ids:
        api.set_paused(dag_id, False)
    wait_for(all_at_rest, "the first run of each to end")
    return first


def whole_run(api: AirflowApi, dag_id: str) -> str:
    """Id of the newest run of which every task succeeded and none was skipped; made here where there is none."""
    for made in reversed(runs(api, dag_id, state=["success"])):
        if {task["state"] for task in api.tasks(dag_id, made["dag_run_id"]).values()} == {"success"}:
            return str(made["dag_run_id"])
    run_id, state = run(api, dag_id)
    assert state == "success", logs(api, dag_id, run_id)
    return run_id


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
