"""Run one dbt operator in a process of its own, as an Airflow task would, without Airflow's database.

Reads one JSON object a line (`dag`, `cadence` or `mart`, `attempt`, `built`, `kill_when`, `params`, `tick`,
`last_good`, `run_type`; or `parse`; and `variables` of the environment for this task) and answers each.
The process lasts for several tasks because importing dbt costs more than a task does.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from airflow.sdk.exceptions import AirflowException, AirflowSkipException

import stir_preload
from stir import connections
from stir.errors import StirError
from stir.settings import load_settings
from stir.transform.operators import BuildCadenceOperator, CheckMartOperator
from stir.transform.project import parse
from stir.transform.stopping import accept_statements, refuse_statements

for name in stir_preload.MODULES:
    __import__(name)


class Instance:
    """As much of a task instance as the operators use."""

    def __init__(self, dag_id: str, task_id: str, attempt: int, built: dict[str, int]) -> None:
        self.dag_id, self.run_id, self.task_id, self.try_number = dag_id, os.environ["RUN"], task_id, attempt
        self.built = built

    def xcom_pull(self, task_ids: str) -> dict[str, Any]:
        return {"built": self.built}


class Run:
    """As much of a DAG run as the operators use."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.run_type = order.get("run_type", "manual")
        self.logical_date = datetime.fromisoformat(order["tick"]) if "tick" in order else None


def context_of(order: dict[str, Any], instance: Instance) -> dict[str, Any]:
    last_good = order.get("last_good")
    return {
        "ti": instance,
        "params": order.get("params", {}),
        "dag_run": Run(order),
        "prev_data_interval_end_success": datetime.fromisoformat(last_good) if last_good else None,
    }


def terminate_when(statement: str) -> None:
    """Send this process SIGTERM, as Airflow does to stop a task, once a statement that contains `statement` runs."""
    client = connections.clickhouse(load_settings())
    query = (
        "select count() from system.processes where position(query, {text:String}) > 0 and query not like '%position%'"
    )
    while not client.query(query, parameters={"text": statement}).first_row[0]:
        time.sleep(0.05)
    os.kill(os.getpid(), signal.SIGTERM)


def perform(order: dict[str, Any]) -> dict[str, Any]:
    if "parse" in order:
        return {"parsed": str(parse(load_settings()))}
    task: Any
    if "mart" in order:
        task = CheckMartOperator(task_id=f"test_{order['mart']}", mart=order["mart"])
    else:
        task = BuildCadenceOperator(task_id="build", cadence=order["cadence"])
    methods = refuse_statements("never")
    accept_statements(methods)
    if "kill_when" in order:
        signal.signal(signal.SIGTERM, lambda *_: task.on_kill())
        threading.Thread(target=terminate_when, args=[order["kill_when"]], daemon=True).start()
    began = time.monotonic()
    instance = Instance(order["dag"], task.task_id, order.get("attempt", 1), order.get("built", {}))
    try:
        answer: dict[str, Any] = {"xcom": task.execute(context_of(order, instance))}
    except AirflowSkipException as error:
        answer = {"skipped": str(error)}
    except (AirflowException, StirError) as error:
        answer = {"failed": str(error)}
    finally:
        accept_statements(methods)
    return {**answer, "seconds": time.monotonic() - began}


@contextmanager
def environment(given: dict[str, str]) -> Iterator[None]:
    """Other variables for as long as one task runs, as those of a process of its own."""
    before = dict(os.environ)
    os.environ.update(given)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def answer_to(order: dict[str, Any]) -> dict[str, Any]:
    with environment(order.get("variables", {})):
        return perform(order)


if __name__ == "__main__":
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # dbt writes to file descriptor 1
    for line in sys.stdin:
        print(json.dumps(answer_to(json.loads(line))), file=answers, flush=True)
