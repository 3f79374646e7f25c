"""A whole publish in one task: the tables that a publish DAG publishes beside its own (decision 0053)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from stir.connections import Target
from stir.dags.publish_step import ORDER, describe, with_ssh_connection
from stir.dags.trial import is_trial
from stir.dags.ui.links import GenerationLink

if TYPE_CHECKING:
    from stir.publish import PublishState
    from stir.settings import Settings


class PublishTableOperator(BaseOperator):  # type: ignore[misc]
    """Publishes a table whole. It depends on no other task, so a refused table holds no other one back.

    It can be retried and cleared: a run that has published already publishes nothing more.
    """

    operator_extra_links = (GenerationLink(),)

    def __init__(self, *, name: str, target: Target, **options: Any) -> None:
        super().__init__(task_id=name, **options)
        self.table, self.target = name, target

    def publish_run(self, dag_id: str, run_id: str) -> str:
        """The id of the publish in the ledger, which has one publish of one table under an id."""
        return f"{dag_id}/{run_id}/{self.table}"

    def execute(self, context: Any) -> dict[str, Any]:
        """Raises:
        StirError: the publish was refused; readers keep what they have.
        AirflowSkipException: readers already have this content, or this is a trial.
        """
        from stir.lineage.report import reporter
        from stir.publish import begin, publish
        from stir.publish.progress import LogObserver
        from stir.publish.session import writer
        from stir.settings import load_settings

        settings, observer = with_ssh_connection(load_settings()), LogObserver(self.log)
        instance, params = context["ti"], context["params"]
        run_id = self.publish_run(instance.dag_id, instance.run_id)
        force, allow = bool(params["force"]), tuple(params["allow"] or ())
        if is_trial():
            with writer(settings, self.target, purpose=f"{self.table} trial") as keeper:  # whose end is the lease's
                begun = begin(
                    settings, self.table, target=self.target, run_id=run_id, force=force, allow=allow, keeper=keeper
                )
                raise AirflowSkipException(describe(self._try(settings, begun)))
        try:
            state = publish(
                settings, self.table, self.target, run_id=run_id, force=force, allow=allow, observer=observer
            )
        finally:
            reporter(settings).close()  # a task's process ends without the interpreter's farewell
        for warning in state.warnings:
            self.log.warning("%s: guard freshness warns: %s", self.table, warning)
        self.log.info("%s", describe(state))
        if state.outcome != "published":
            raise AirflowSkipException(describe(state))
        for outlet in self.outlets:
            figures = {"generation": state.generation, "rows": state.rows, "checksum": state.checksum}
            context["outlet_events"][outlet].extra.update(figures)
        return state.to_dict()

    def _try(self, settings: Settings, state: PublishState) -> PublishState:
        """Everything but the swap; readers keep their rows, and what the trial created is removed."""
        from stir.publish import STEPS
        from stir.publish.progress import LogObserver

        observer = LogObserver(self.log)
        try:
            for step in ORDER[: ORDER.index("swap")]:
                if not state.decided:
                    state = STEPS[step](settings, state, observer)
        finally:
            state = STEPS["tidy"](settings, state if state.decided else replace(state, outcome="trial"), observer)
        return state
