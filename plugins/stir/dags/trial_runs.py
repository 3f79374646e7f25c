"""The runs of trials in Airflow's database: the scheduler leaves them alone, and ends those whose command was killed.

They are `running` like any other. Of a DAG that is not paused the scheduler would do their tasks, and for real; and one
that stays `running` would hold back the next run for good, as every DAG has one active run. Decision 0028.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

TEMPORARY = "__airflow_temporary_run_"
"""Prefix of the run that `airflow tasks test` creates and removes again."""
TESTER = "dag_test"
"""The user whom `airflow dags test` enters in its run."""
LOCK = 7468
"""The first number of the advisory locks that commands hold; the second stands for the DAG."""
GRACE = timedelta(minutes=1)
"""How long `airflow tasks test` may take from the creation of its run to the lock; `airflow dags test` locks first."""

_held: dict[str, Any] = {}


def is_run_of_trial(run: Any) -> bool:
    """Whether a run was created by `airflow dags test` or `airflow tasks test`."""
    return run.triggering_user_name == TESTER or str(run.run_id).startswith(TEMPORARY)


def hold(dag_id: str) -> None:
    """Let the scheduler see, as long as this process lives, that a trial of the DAG is under way.

    The lock lives as long as its connection, which ends with the process, however that ends.
    """
    from airflow import settings
    from sqlalchemy import text

    if dag_id in _held or settings.get_engine().dialect.name != "postgresql":
        return
    connection = settings.get_engine().connect()
    connection.detach()  # not given back to the pool, which would keep the lock
    connection.execute(text("select pg_advisory_lock_shared(:lock, hashtext(:dag))"), {"lock": LOCK, "dag": dag_id})
    connection.commit()
    _held[dag_id] = connection


def hide_from_scheduler() -> None:
    """Make the scheduler pass over the runs of trials, and end those whose process is gone."""
    from airflow.models.dagrun import DagRun

    examine = DagRun.get_running_dag_runs_to_examine

    def examine_real(session: Any) -> list[Any]:
        runs = list(examine(session=session))
        trials = [run for run in runs if is_run_of_trial(run)]
        for run in trials:
            if _is_abandoned(run, session):
                _end(run, session)
        return [run for run in runs if run not in trials]

    DagRun.get_running_dag_runs_to_examine = staticmethod(examine_real)


def spare_real_runs() -> None:
    """Let a command create the run of its trial beside the others.

    Airflow deletes the run of the same logical date first: of a trial without a date, a run that was triggered without
    one, even if it waits or runs; of one with a date, the scheduler's run of that tick.
    """
    from airflow.models import dagrun
    from airflow.utils.state import DagRunState
    from airflow.utils.types import DagRunType
    from sqlalchemy import select

    replace = dagrun.get_or_create_dagrun

    def create_beside(*, dag: Any, logical_date: datetime | None, session: Any, **options: Any) -> Any:
        if logical_date is None:
            kind = {"run_type": DagRunType.MANUAL, "state": DagRunState.RUNNING}
            return dag.create_dagrun(logical_date=None, session=session, **kind, **options)
        same = select(dagrun.DagRun).filter_by(dag_id=dag.dag_id, logical_date=logical_date)
        found = session.scalar(same)
        if found and not is_run_of_trial(found):
            raise SystemExit(f"airflow: {found.run_id} is a run of the scheduler: try another date. Nothing was done.")
        return replace(dag=dag, logical_date=logical_date, session=session, **options)

    dagrun.get_or_create_dagrun = create_beside


def _is_abandoned(run: Any, session: Any) -> bool:
    from sqlalchemy import text

    created = str(run.run_id).removeprefix(TEMPORARY).strip("_") if str(run.run_id).startswith(TEMPORARY) else ""
    if created and datetime.now(UTC) - datetime.fromisoformat(created) < GRACE:
        return False
    if session.get_bind().dialect.name != "postgresql":
        return False
    free = text("select pg_try_advisory_xact_lock(:lock, hashtext(:dag))")
    return bool(session.scalar(free, {"lock": LOCK, "dag": run.dag_id}))


def _end(run: Any, session: Any) -> None:
    from airflow.utils.state import DagRunState, State, TaskInstanceState

    for task in run.get_task_instances(session=session):
        if task.state not in State.finished:
            task.state = TaskInstanceState.FAILED
    run.state = DagRunState.FAILED
