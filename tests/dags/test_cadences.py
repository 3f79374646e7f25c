"""The pace at which a cadence is thought to run is its DAG's, and its build waits first for what it reads."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from stir.dags.upstreams import WaitForUpstreamsOperator, longest_wait
from stir.errors import StirError
from stir.transform.ownership import DAG_OF_CADENCE, WAITS_FOR
from stir.transform.pace import between_runs, pace, schedule_of


def test_the_schedule_read_from_a_file_is_the_one_that_airflow_has(dags: dict[str, Any]) -> None:
    timetables = {dag_id: getattr(dag.timetable, "timetable", dag.timetable) for dag_id, dag in dags.items()}
    known = {dag_id: table.expression for dag_id, table in timetables.items() if table.can_be_scheduled}

    assert {dag_id: schedule_of(dag_id) for dag_id in known} == known
    by_hand = dags.keys() - known.keys()
    assert by_hand
    for dag_id in by_hand:
        with pytest.raises(StirError, match=f"DAG {dag_id} has no schedule"):
            schedule_of(dag_id)


@pytest.mark.parametrize(
    ("cadence", "shortest"), [("recent_scl", 5), ("core", 15), ("hourly", 120), ("post_ranker", 240), ("weekly", 10080)]
)
def test_the_pace_of_a_cadence_is_the_shortest_time_between_two_ticks(cadence: str, shortest: int) -> None:
    assert pace(cadence) == between_runs(DAG_OF_CADENCE[cadence]) == timedelta(minutes=shortest)


@pytest.mark.parametrize("cadence", DAG_OF_CADENCE)
def test_a_build_that_reads_others_waits_for_them_first_and_holds_no_slot(dags: dict[str, Any], cadence: str) -> None:
    dag = dags[DAG_OF_CADENCE[cadence]]
    before = dag.get_task("build").upstream_list
    if not WAITS_FOR[cadence]:
        assert before == []
        return
    [wait] = (task for task in before if task.task_id != "score_followers")
    assert isinstance(wait, WaitForUpstreamsOperator)
    assert (wait.task_id, wait.cadence, wait.upstream_list) == ("wait_for_upstreams", cadence, [])
    assert (wait.pool, wait.reschedule) == ("default_pool", True), "those it waits for need the slots"
    assert longest_wait(cadence) <= dag.dagrun_timeout / 2, "time is left to build"


def test_the_daily_build_follows_the_scores_of_followers_even_if_these_failed(dags: dict[str, Any]) -> None:
    daily = dags[DAG_OF_CADENCE["daily"]]
    scores, build = daily.get_task("score_followers"), daily.get_task("build")
    assert [task.task_id for task in scores.upstream_list] == ["wait_for_upstreams"]
    assert build.upstream_task_ids == {"wait_for_upstreams", "score_followers"}
    assert build.trigger_rule == "all_done_min_one_success", "what it waits for has to succeed, the scores have not"
    assert [dag_id for dag_id, dag in dags.items() if "score_followers" in dag.task_ids] == [daily.dag_id]


def test_a_tick_of_every_build_is_the_logical_date_of_its_run(dags: dict[str, Any]) -> None:
    """Whether a run is due is read from that."""
    kinds = {type(dags[dag_id].timetable).__name__ for dag_id in DAG_OF_CADENCE.values()}
    assert kinds == {"CronTriggerTimetable"}
