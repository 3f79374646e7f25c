"""Runs of `airflow dags test` and `airflow tasks test`: the scheduler leaves them alone, and tasks keep nothing."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from .test_parsing import run

SCHEDULER = """
import json, sys
from datetime import UTC, datetime
import airflow.settings
airflow.settings.initialize()
from airflow.models import import_all_models
import_all_models()
from airflow.models.base import Base
from airflow.models.dag import DagModel
from airflow.models.dagbundle import DagBundleModel
from airflow.models.dagrun import DagRun
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

engine = create_engine("sqlite://")
Base.metadata.create_all(engine)
now = datetime(2026, 1, 2, tzinfo=UTC)
with Session(engine) as session:
    session.add(DagBundleModel(name="b"))
    session.add(DagModel(dag_id="d", bundle_name="b", is_paused=False, is_stale=False, fileloc="d.py"))
    temporary = "__airflow_temporary_run_2026-01-01T00:00:00+00:00__"
    for name, user in (("real", "admin"), ("tried", "dag_test"), (temporary, None)):
        session.add(DagRun(
            dag_id="d", run_id=name, run_type="manual", state="running", run_after=now, logical_date=None,
            triggering_user_name=user,
        ))
    session.flush()
    print(json.dumps([run.run_id for run in DagRun.get_running_dag_runs_to_examine(session=session)]))
    if "test" in sys.argv:
        from types import SimpleNamespace
        from airflow.models.dagrun import get_or_create_dagrun

        session.get_one(DagRun, 1).logical_date = now
        session.flush()
        try:
            get_or_create_dagrun(dag=SimpleNamespace(dag_id="d"), logical_date=now, session=session)
        except SystemExit as refusal:
            print(json.dumps([str(refusal), session.get_one(DagRun, 1).run_id]))
"""


@pytest.mark.parametrize(("process", "sees"), [("scheduler", 1), ("api-server", 3)])
def test_the_scheduler_passes_over_the_runs_of_trials(tmp_path: Path, process: str, sees: int) -> None:
    found = run(SCHEDULER, process, home=tmp_path)
    assert "real" in found
    assert len(found) == sees


@pytest.mark.parametrize("command", ["dags", pytest.param("tasks", marks=pytest.mark.long)])  # one function serves both
def test_a_trial_of_the_date_of_a_real_run_is_refused_and_the_run_stays(tmp_path: Path, command: str) -> None:
    refusal, still_there = run(SCHEDULER, command, "test", home=tmp_path)
    assert refusal == "airflow: real is a run of the scheduler: try another date. Nothing was done."
    assert still_there == "real"


@pytest.fixture(params=[True, False], ids=["a trial", "a run"])
def trial(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether tasks run in the process of a command, as under `airflow dags test`, or under a scheduler."""
    from airflow.sdk.execution_time import task_runner
    from airflow.sdk.execution_time.supervisor import InProcessSupervisorComms

    if request.param:
        comms = object.__new__(InProcessSupervisorComms)
        monkeypatch.setattr(task_runner, "SUPERVISOR_COMMS", comms, raising=False)
    return bool(request.param)


CONTEXT = {"params": {}, "dag_run": SimpleNamespace(run_type="manual", logical_date=None, run_after=None)}


def test_each_operator_tells_in_a_trial_what_does_its_work_that_it_must_keep_nothing(
    dags: dict[str, Any], trial: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the work keeps then is shown by tests/integration, and a trial of a whole DAG by tests/e2e."""
    reported: dict[str, bool] = {}

    def rule(settings: Any, name: str, *, dry_run: bool) -> Any:
        reported["rule"] = dry_run
        return SimpleNamespace(line="", keys=(), kept=not dry_run)

    def request(task: Any, settings: Any, moment: Any, dry_run: bool) -> dict[str, Any]:
        reported["request"] = dry_run
        return {}

    def promises(*, keeps: bool) -> Any:
        reported["promises"] = not keeps
        return SimpleNamespace(text="", readings=(), opened=(), closed=())

    def remove(settings: Any) -> list[Any]:
        reported["retention"] = False
        return []

    monkeypatch.setattr("stir.operations.rules.run_rule", rule)
    monkeypatch.setattr("stir.dags.operations.report_reading", lambda *_: None)
    monkeypatch.setattr("stir.dags.trigger.report_reading", lambda *_: None)
    monkeypatch.setattr("stir.dags.trigger.EnqueueRequestsOperator.perform", request)
    monkeypatch.setattr("stir.operations.freshness.look", lambda _: promises(keeps=False))
    monkeypatch.setattr("stir.operations.freshness.check", lambda *_: promises(keeps=True))
    monkeypatch.setattr("stir.dags.operations.CheckFreshnessOperator._record_runs", lambda _: None)
    monkeypatch.setattr("stir.operations.retention.survey", lambda _: [])
    monkeypatch.setattr("stir.operations.retention.remove", remove)
    reported["retention"] = True
    for dag_id in ("create_missing_payouts", "track_hashtags", "monitor_pipeline_freshness"):
        [task] = dags[dag_id].tasks
        task.execute(CONTEXT)
    [task] = dags["maintain_storage_retention"].tasks
    task.execute(CONTEXT)
    reported["build"] = dags["dbt_orders"].get_task("build").is_dry(CONTEXT)
    assert reported == dict.fromkeys(("rule", "request", "promises", "retention", "build"), trial)


def test_a_trial_with_a_wrong_conf_ends_with_one_line(dags: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.sdk import DAG
    from airflow.sdk.exceptions import ParamValidationError

    def refuse(*_: Any, **__: Any) -> None:
        raise ParamValidationError("unknown key in the run's conf: 'x'\nmore")

    monkeypatch.setattr(DAG, "test", refuse)
    monkeypatch.setattr("stir.dags.trial.hold", lambda _: None)
    monkeypatch.setattr("stir.dags.trial._run_ended", lambda _: nullcontext())
    with pytest.raises(SystemExit, match=r"^sync_leaderboard_prod: unknown key in the run's conf: 'x'$"):
        dags["sync_leaderboard_prod"].test(run_conf={"x": True})
