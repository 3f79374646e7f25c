"""A DAG tried from the command line: `airflow dags test` and `airflow tasks test` look, and leave nothing behind.

Both run tasks in the command's own process, beside the scheduler and without its bounds: no single active run, no pool.
A trial does a task's work as far as that can be taken back, says what a run would have done, and keeps nothing.
`airflow dags trigger` makes a run in earnest. Decision 0028.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from airflow.sdk import DAG

TEMPORARY = "__airflow_temporary_run_"
"""How the run begins that `airflow tasks test` makes for itself and takes away again."""


def is_trial() -> bool:
    """Whether this task runs in the process of a command, with no scheduler that started it."""
    from airflow.sdk.execution_time import task_runner
    from airflow.sdk.execution_time.supervisor import InProcessSupervisorComms

    return isinstance(getattr(task_runner, "SUPERVISOR_COMMS", None), InProcessSupervisorComms)


def is_single() -> bool:
    """Whether one task is tried alone: `airflow tasks test`, which says so to the tasks it runs."""
    return is_trial() and os.environ.get("AIRFLOW_TEST_MODE") == "True"


def is_dry(context: Any) -> bool:
    """Whether a task is only to say what it would do: asked for by the param `dry_run`, or a trial."""
    return is_trial() or bool(context["params"].get("dry_run"))


def refuse_real_run(context: Any) -> None:
    """A task's `pre_execute`: a task tried alone has a run of its own, and does not touch one of the scheduler's.

    Raises:
        AirflowSkipException: `airflow tasks test` was given the id or the date of a run that exists.
    """
    from airflow.sdk.exceptions import AirflowSkipException

    run_id = str(context["dag_run"].run_id)
    if is_single() and not run_id.startswith(TEMPORARY):
        raise AirflowSkipException(
            f"{run_id} is a run of the scheduler, which a trial leaves alone: nothing was done."
            " Clear the task there, or try it without naming a run"
        )


class TryableDag(DAG):  # type: ignore[misc]
    """A DAG whose `test` ends at the first failure, tells nobody, and ends its run whatever becomes of it."""

    def test(self, *arguments: Any, **options: Any) -> Any:
        """What `airflow dags test` calls.

        Raises:
            SystemExit: the run was given what the DAG does not know, or a wrong value; one line says which.
        """
        from airflow.sdk.exceptions import ParamValidationError

        with self._quiet(), _run_ended(self.dag_id):
            try:
                return super().test(*arguments, **options)
            except ParamValidationError as error:
                raise SystemExit(f"{self.dag_id}: {error}") from None

    @contextmanager
    def _quiet(self) -> Iterator[None]:
        """Without deadline, alerts and retries, which are for runs that somebody relies on.

        Airflow 3.3 also fails on the deadline of a DAG that it tests ("can't adapt type 'dict'"): it looks for the
        stored deadline by the definition. The DAGs that the command writes to the database are loaded from their files
        and have all three.
        """
        dag: Any = self
        kept = {name: getattr(dag, name) for name in ("deadline", "on_failure_callback")}
        retries = {task.task_id: task.retries for task in dag.tasks}
        dag.deadline = dag.on_failure_callback = None
        for task in dag.tasks:
            task.retries = 0
        try:
            yield
        finally:
            for name, value in kept.items():
                setattr(dag, name, value)
            for task in dag.tasks:
                task.retries = retries[task.task_id]


@contextmanager
def _run_ended(dag_id: str) -> Iterator[None]:
    """A trial that is broken off (Ctrl-C, an error of Airflow) leaves no run that stays `running`."""
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
