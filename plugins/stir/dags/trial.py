"""Trials of a DAG from the command line: `airflow dags test` and `airflow tasks test` leave nothing behind.

Both run tasks in the command's own process, without the scheduler's limits (one active run, pools). A trial does the
work of a task as far as it can be undone, logs what a run would have done, and keeps nothing. `airflow dags trigger`
starts a real run. Decision 0028.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from airflow.sdk import DAG

from stir.dags.trial_runs import TEMPORARY, hold, is_run_of_trial

NO_POOL = "airflow dags test"
"""A pool that does not exist: the scheduler starts no task of it, and a trial needs no slot."""


def is_trial() -> bool:
    """Whether this task runs in the process of a command and not under a scheduler."""
    from airflow.sdk.execution_time import task_runner
    from airflow.sdk.execution_time.supervisor import InProcessSupervisorComms

    return isinstance(getattr(task_runner, "SUPERVISOR_COMMS", None), InProcessSupervisorComms)


def is_single() -> bool:
    """Whether a single task is tried with `airflow tasks test`, which marks the tasks that it runs."""
    return is_trial() and os.environ.get("AIRFLOW_TEST_MODE") == "True"


def is_dry(context: Any) -> bool:
    """Whether a task must only log what it would do: because of the param `dry_run`, or in a trial."""
    return is_trial() or bool(context["params"].get("dry_run"))


def refuse_other_run(context: Any) -> None:
    """A task's `pre_execute`: trials do not touch the scheduler's runs, nor the scheduler theirs.

    Raises:
        AirflowSkipException: `airflow tasks test` was given the id or the date of a run that exists, or the scheduler
            has got at a task of a trial all the same.
    """
    from airflow.sdk.exceptions import AirflowSkipException

    run_id = str(context["dag_run"].run_id)
    if not is_trial() and is_run_of_trial(context["dag_run"]):
        raise AirflowSkipException(f"{run_id} is a trial, which runs in the process of its command. Nothing was done.")
    if is_single():
        hold(str(context["dag_run"].dag_id))
    if is_single() and not run_id.startswith(TEMPORARY):
        raise AirflowSkipException(
            f"{run_id} is a run of the scheduler, which a trial does not touch. Nothing was done."
            " Clear the task there, or try it without naming a run"
        )


class TryableDag(DAG):  # type: ignore[misc]
    """A DAG whose `test` stops at the first failure, sends no alert, and always ends its run."""

    def test(self, *arguments: Any, **options: Any) -> Any:
        """What `airflow dags test` calls.

        Raises:
            SystemExit: the run's conf has an unknown key or a wrong value; one line names it.
        """
        from airflow.sdk.exceptions import ParamValidationError

        hold(self.dag_id)
        with self._quiet(), _run_ended(self.dag_id):
            try:
                return super().test(*arguments, **options)
            except ParamValidationError as error:
                raise SystemExit(f"{self.dag_id}: {str(error).strip().partition(chr(10))[0]}") from None

    @contextmanager
    def _quiet(self) -> Iterator[None]:
        """Remove deadline, alerts, retries and pools, which are for real runs.

        Airflow 3.3 also fails on the deadline of a DAG that it tests ("can't adapt type 'dict'"): it looks for the
        stored deadline by the definition. The DAGs that the command writes to the database are loaded from their files
        and have all three.
        """
        dag: Any = self
        kept = {name: getattr(dag, name) for name in ("deadline", "on_failure_callback")}
        own = {task.task_id: (task.retries, task.pool) for task in dag.tasks}
        dag.deadline = dag.on_failure_callback = None
        for task in dag.tasks:
            task.retries, task.pool = 0, NO_POOL
        try:
            yield
        finally:
            for name, value in kept.items():
                setattr(dag, name, value)
            for task in dag.tasks:
                task.retries, task.pool = own[task.task_id]


@contextmanager
def _run_ended(dag_id: str) -> Iterator[None]:
    """End the run of an interrupted trial (Ctrl-C, an error of Airflow), so that it does not stay `running`."""
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from airflow.utils.state import DagRunState
    from airflow.utils.types import DagRunTriggeredByType
    from sqlalchemy import func, select

    with create_session() as session:
        newest = session.scalar(select(func.max(DagRun.id))) or 0
    try:
        yield
    finally:
        left = select(DagRun).where(
            DagRun.dag_id == dag_id,
            DagRun.id > newest,
            DagRun.state == DagRunState.RUNNING,
            DagRun.triggered_by == DagRunTriggeredByType.TEST,
        )
        with create_session(scoped=False) as session:
            for run in session.scalars(left):
                run.state = DagRunState.FAILED
