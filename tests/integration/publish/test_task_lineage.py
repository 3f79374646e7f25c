"""The tasks of a publish DAG, each with a report of its own, tell OpenLineage of one run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowSkipException

from stir.dags.publish_step import ORDER, PublishStepOperator
from stir.dags.publish_table import PublishTableOperator
from stir.errors import StirError
from stir.settings import Settings

from .marts import Mart


class Instance:
    """As much of a task instance as the operator uses: its run, and what the tasks hand on."""

    dag_id = "sync_leaderboard_prod"

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        self.kept: dict[str, Any] = {}

    def xcom_push(self, key: str, value: Any) -> None:
        self.kept[key] = value

    def xcom_pull(self, task_ids: str, key: str = "") -> Any:
        return self.kept.get(key or task_ids)


def run(instance: Instance, step: str) -> None:
    """One task of the run."""
    operator = PublishStepOperator(step=step, name="leaderboard", target="prod")
    params = {"force": True, "allow": []}
    instance.kept[step] = operator.execute({"ti": instance, "params": params, "outlet_events": {}})


def test_the_tasks_of_a_run_report_one_publish_and_a_failed_one_its_failure(
    place: Settings, mart: Mart, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = place.model_copy(update={"lineage": str(tmp_path)})
    monkeypatch.setattr("stir.settings.load_settings", lambda: own)
    mart.build(1)
    good, refused, empty = Instance("one"), Instance("two"), Instance("three")
    for step in ORDER:
        run(good, step)
    mart.build(2, rows=10)
    with pytest.raises(StirError, match="shrink"):
        run(refused, "export")
    run(refused, "tidy")
    with pytest.raises(AirflowSkipException):
        run(empty, "tidy")

    events = [json.loads(line) for path in tmp_path.glob("*.ndjson") for line in path.read_text().splitlines()]
    assert [each["eventType"] for each in events] == ["START", "COMPLETE", "START", "FAIL"]
    runs = [each["run"]["runId"] for each in events]
    assert runs[0] == runs[1] != runs[2] == runs[3]
    [published] = events[1]["outputs"]
    assert published["outputFacets"]["outputStatistics"]["rowCount"] == good.kept["tidy"]["rows"]


def test_a_table_beside_is_published_by_one_task_which_says_when_nothing_is_new(
    place: Settings, mart: Mart, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = place.model_copy(update={"lineage": str(tmp_path)})
    monkeypatch.setattr("stir.settings.load_settings", lambda: own)
    mart.build(1)
    operator = PublishTableOperator(name="leaderboard", target="prod")

    def execute(run_id: str, *, force: bool) -> Any:
        params = {"force": force, "allow": None}
        return operator.execute({"ti": Instance(run_id), "params": params, "outlet_events": {}})

    first = execute("beside one", force=True)
    assert (first["outcome"], first["run_id"]) == ("published", "sync_leaderboard_prod/beside one/leaderboard")
    assert execute("beside one", force=True)["generation"] == first["generation"], "a retry publishes nothing more"
    with pytest.raises(AirflowSkipException, match="unchanged"):
        execute("beside two", force=False)
    mart.build(2, rows=10)
    with pytest.raises(StirError, match="shrink"):
        execute("beside three", force=False)
    events = [json.loads(line) for path in tmp_path.glob("*.ndjson") for line in path.read_text().splitlines()]
    assert [each["eventType"] for each in events][-2:] == ["START", "FAIL"]
