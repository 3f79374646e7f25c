"""The pace at which a cadence is thought to run is its DAG's, and its build waits first for what it reads."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from croniter import croniter

from stir.dags.upstreams import WaitForUpstreamsOperator, longest_wait
from stir.transform.ownership import DAG_OF_CADENCE, MINUTES_BETWEEN_RUNS, WAITS_FOR


@pytest.mark.parametrize("cadence", DAG_OF_CADENCE)
def test_minutes_between_runs_are_those_of_the_schedule(dags: dict[str, Any], cadence: str) -> None:
    schedule = croniter(dags[DAG_OF_CADENCE[cadence]].timetable.expression, datetime(2026, 1, 1, tzinfo=UTC))
    runs = [schedule.get_next(datetime) for _ in range(60)]

    assert (
        min(later - earlier for earlier, later in pairwise(runs)).total_seconds() / 60 == MINUTES_BETWEEN_RUNS[cadence]
    )


@pytest.mark.parametrize("cadence", DAG_OF_CADENCE)
def test_a_build_that_reads_others_waits_for_them_first_and_holds_no_slot(dags: dict[str, Any], cadence: str) -> None:
    dag = dags[DAG_OF_CADENCE[cadence]]
    before = dag.get_task("build").upstream_list
    if not WAITS_FOR[cadence]:
        assert before == []
        return
    [wait] = before
    assert isinstance(wait, WaitForUpstreamsOperator)
    assert (wait.task_id, wait.cadence, wait.upstream_list) == ("wait_for_upstreams", cadence, [])
    assert (wait.pool, wait.reschedule) == ("default_pool", True), "those it waits for need the slots"
    assert longest_wait(cadence) <= dag.dagrun_timeout / 2, "time is left to build"


def test_a_tick_of_every_build_is_the_logical_date_of_its_run(dags: dict[str, Any]) -> None:
    """Whether a run is due is read from that."""
    kinds = {type(dags[dag_id].timetable).__name__ for dag_id in DAG_OF_CADENCE.values()}
    assert kinds == {"CronTriggerTimetable"}
