"""What the scheduler does about the runs of `airflow dags test` and `airflow tasks test`: nothing."""

from __future__ import annotations

from pathlib import Path

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


@pytest.mark.parametrize("command", ["dags", "tasks"])
def test_a_trial_of_the_date_of_a_real_run_is_refused_and_the_run_stays(tmp_path: Path, command: str) -> None:
    refusal, still_there = run(SCHEDULER, command, "test", home=tmp_path)
    assert refusal == "airflow: real is a run of the scheduler: try another date. Nothing was done."
    assert still_there == "real"
