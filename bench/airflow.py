"""A one-model dbt task through Airflow's scheduler against a bare `dbt run` of the same model; parse time; memory."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import click
import psutil
from rich.console import Console
from rich.table import Table

from stir.local import ensure_services, environment, stop_services
from stir.local.airflow import processes as processes
from stir.local.airflow.api import AirflowApi
from stir.local.machine.sessions import members
from stir.settings import PROJECT_DIR, Settings, load_settings
from stir.transform.project import parse
from stir.transform.runner import dbt_executable, run_dbt
from stir.world import WorldParameters, make

DAG, SELECTION = "dbt_recent_scl", "tag:recent_scl"
"""The cadence with one model."""
FOUR = ("dbt_recent_scl", "dbt_orders", "dbt_weekly", "post_ranker")
SAMPLE_SECONDS = 0.2
SETTLE_SECONDS = 10
PARSE = """
import json, sys, time
began = time.process_time()
from airflow.dag_processing.dagbag import DagBag
imported = time.process_time()
bag = DagBag(sys.argv[1])
print(json.dumps([len(bag.dags), imported - began, time.process_time() - imported]))
"""


@dataclass(frozen=True)
class Cost:
    """Seconds of the clock and of the processor."""

    wall: float
    processor: float


def bare(settings: Settings, *options: str) -> Cost:
    """A `dbt run` of the model as a process of its own."""
    command = [dbt_executable(), "--quiet", *options, "run", "--select", SELECTION]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    variables = {**os.environ, **environment(settings)}
    subprocess.run(command, cwd=PROJECT_DIR, env=variables, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(time.monotonic() - began, used)


def scheduler_seconds(settings: Settings) -> float:
    """Processor seconds of the scheduler and of all that it has forked, ended tasks among them."""
    total = 0.0
    for process in members([processes.leaders(settings)["scheduler"]]):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def through_scheduler(settings: Settings, api: AirflowApi, idle: float) -> tuple[Cost, float]:
    """A run of the DAG: cost of its task, and seconds from the trigger to its success.

    `idle` are the processor seconds that the scheduler takes per second when it has nothing to do.
    """
    before, began = scheduler_seconds(settings), time.monotonic()
    run_id = api.trigger(DAG)
    state = api.wait(DAG, run_id, pause=0.05)
    whole = time.monotonic() - began
    if state != "success":
        raise SystemExit(f"run {run_id} of {DAG} ended {state}; `./stir logs airflow-scheduler` in the bench state")
    time.sleep(1)  # the executor reaps the task's process, and only then knows what it took
    used = scheduler_seconds(settings) - before - idle * (time.monotonic() - began)
    task = api.tasks(DAG, run_id)["build"]
    return Cost(float(task["duration"]), used), whole


@contextmanager
def peak_memory(settings: Settings) -> Iterator[list[int]]:
    """A list whose one element is the most bytes that Airflow's processes held at a sample."""
    peak, over = [0], threading.Event()

    def sample() -> None:
        while not over.wait(SAMPLE_SECONDS):
            peak[0] = max(peak[0], processes.memory(settings))

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        over.set()
        thread.join()


def four_at_once(settings: Settings, api: AirflowApi) -> int:
    """Peak memory with four dbt tasks at work."""
    with peak_memory(settings) as peak:
        for dag_id in FOUR:
            api.set_paused(dag_id, False)
        runs = {dag_id: api.trigger(dag_id) for dag_id in FOUR}
        for dag_id, run_id in runs.items():
            api.wait(dag_id, run_id, seconds=600)
            api.set_paused(dag_id, True)
    return peak[0]


def parsing() -> tuple[int, float, float]:
    """DAGs in the folder, processor seconds of Airflow's own import, and of parsing the folder."""
    command = [sys.executable, "-c", PARSE, str(PROJECT_DIR / "dags")]
    variables = {**os.environ, "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING"}
    answer = subprocess.run(command, env=variables, capture_output=True, text=True, check=True)
    count, imported, parsed = json.loads(answer.stdout.splitlines()[-1])
    return int(count), float(imported), float(parsed)


@click.command()
@click.option("--runs", default=5, show_default=True, help="Runs of each kind; the median counts.")
def main(runs: int) -> None:
    """Measure in a state folder of its own, and print ratios of this one run."""
    # `python -m airflow` must not find this file.
    own = str(Path(__file__).parent)
    entries = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry != own]
    os.environ["PYTHONPATH"] = os.pathsep.join(entries)
    settings = ensure_services(load_settings())
    os.environ.update(environment(settings))
    end = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    make(settings, WorldParameters(creators=100, days=20, end=end), replace=True)
    for command in (["seed"], ["run", "--full-refresh"]):
        run_dbt(settings, command).raise_for_failure()
    parse(settings)
    try:
        api = processes.start(settings)
        while api.call("GET", "/dags", params={"dag_id_pattern": DAG})["total_entries"] == 0:
            time.sleep(0.5)
        api.set_paused(DAG, False)
        time.sleep(SETTLE_SECONDS)
        before = scheduler_seconds(settings)
        time.sleep(SETTLE_SECONDS)
        idle = (scheduler_seconds(settings) - before) / SETTLE_SECONDS
        resting = processes.memory(settings)
        full, partial, tasks, triggers = [], [], [], []
        for _ in range(runs):  # by turns, so that what else the machine does meets all alike
            full.append(bare(settings, "--no-partial-parse"))
            partial.append(bare(settings))
            task, trigger = through_scheduler(settings, api, idle)
            tasks.append(task)
            triggers.append(trigger)
        api.set_paused(DAG, True)
        working = four_at_once(settings, api)
        count, imported, parsed = parsing()
    finally:
        processes.stop(settings)
        stop_services(settings)
    table = Table(title="stir bench airflow: one model, median", title_justify="left")
    for heading in ("", "wall, s", "processor, s", "wall ratio", "processor ratio"):
        table.add_column(heading, justify="left" if not heading else "right")
    base = Cost(median(cost.wall for cost in full), median(cost.processor for cost in full))
    kinds = {"dbt run, full parse": full, "dbt run, partial parse": partial, "task through the scheduler": tasks}
    for title, costs in kinds.items():
        cost = Cost(median(each.wall for each in costs), median(each.processor for each in costs))
        ratios = (f"{cost.wall / base.wall:.2f}x", f"{cost.processor / base.processor:.2f}x")
        table.add_row(title, f"{cost.wall:.2f}", f"{cost.processor:.2f}", *ratios)
    console = Console(highlight=False)
    console.print(table)
    console.print(f"trigger to success       {median(triggers):.2f} s")
    console.print(
        f"parsing {count} DAG files     {parsed:.2f} s of processor, {parsed / imported:.2f}x of importing Airflow"
    )
    console.print(
        f"memory of all processes  {resting / 2**30:.2f} GB idle, {working / 2**30:.2f} GB with four dbt tasks"
    )


if __name__ == "__main__":
    main()
