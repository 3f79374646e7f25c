"""A scheduler that is killed, alone and in the middle of a publish, and what is there when it is back."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from stir import connections
from stir.local.airflow.api import AirflowApi
from stir.local.airflow.processes import leaders
from stir.local.machine.sessions import members
from stir.settings import Settings

from .airflow_runs import ended, logs, run, unpaused, wait_for
from .conftest import stir
from .test_airflow import generations
from .test_airflow_operations import published


def test_a_killed_scheduler_is_restarted_and_other_processes_are_not(
    airflow: AirflowApi, settings: Settings, airflow_variables: dict[str, str]
) -> None:
    before = leaders(settings)
    os.kill(before["scheduler"].pid, signal.SIGKILL)
    wait_for(lambda: "scheduler" not in leaders(settings), "the kill")
    assert stir("airflow", "status").returncode == 1
    restarted = stir("airflow", "up", **airflow_variables)
    assert restarted.returncode == 0, restarted.stderr
    after = leaders(settings)
    assert after.pop("scheduler") != before.pop("scheduler")
    assert after == before
    assert stir("airflow", "status").returncode == 0
    run_id, state = run(airflow, "sync_leaderboard_prod")
    assert state == "success", logs(airflow, "sync_leaderboard_prod", run_id)


@pytest.fixture
def quick_to_miss(airflow_variables: dict[str, str], settings: Settings) -> Iterator[dict[str, str]]:
    """For a scheduler that notices a lost task by a short silence; five minutes of it would be long for a test."""
    yield {
        **airflow_variables,
        "STIR_AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
        "STIR_AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "5",
    }
    # On a busy machine, a healthy task may be silent that long, too.
    kill_scheduler(settings)
    assert stir("airflow", "up", **airflow_variables).returncode == 0


def kill_scheduler(settings: Settings) -> None:
    """It and all that it has forked, if it runs."""
    for member in members([leader for name, leader in leaders(settings).items() if name == "scheduler"]):
        member.kill()
    wait_for(lambda: "scheduler" not in leaders(settings), "the kill")


# The test above kills the scheduler, tests/integration/publish/test_faults_kill.py a publish at each of its points.
@pytest.mark.long
def test_a_scheduler_killed_in_mid_publish_leaves_one_new_generation_when_it_is_back(
    airflow: AirflowApi, settings: Settings, quick_to_miss: dict[str, str]
) -> None:
    dag_id = "sync_leaderboard_prod"
    before = published(airflow, settings)
    with unpaused(airflow, dag_id):
        with connections.postgres(settings, role="reader") as reader:
            reader.execute("select count(*) from public.leaderboard")  # holds the swap up
            run_id = airflow.trigger(dag_id, {"force": True})
            wait_for(lambda: airflow.tasks(dag_id, run_id)["swap"]["state"] == "running", "the swap to begin")
            kill_scheduler(settings)
        restarted = stir("airflow", "up", **quick_to_miss)
        assert restarted.returncode == 0, restarted.stderr
        assert ended(airflow, dag_id, run_id) == "success", logs(airflow, dag_id, run_id)
    assert generations(settings, "leaderboard")[:-1] == before
    with connections.postgres(settings, role="reader") as reader:
        rows = reader.execute("select count(*) from public.leaderboard").fetchone()
    mart = f"select count() from {settings.clickhouse_database}.mart_leaderboard"
    assert rows == connections.clickhouse(settings).query(mart).first_row
