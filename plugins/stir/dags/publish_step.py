"""One step of a publish DAG: the operator, and the progress in its task's log."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from stir.connections import Target
from stir.dags.trial import is_single, is_trial
from stir.dags.ui.links import GenerationLink

if TYPE_CHECKING:
    import psycopg

    from stir.publish import PublishState
    from stir.settings import Settings

ORDER = ("export", "load", "index", "verify", "swap", "tidy")
"""The steps of stir.publish.STEPS, which is not imported because parsing a DAG file must stay cheap."""

BEGUN = "begun"
SSH_CONNECTION = "stir_postgres_host"
"""Airflow connection (type SSH) of the loading host for transport ssh; without it, STIR_SSH_URL is used."""


_keepers: dict[tuple[str, Target], psycopg.Connection] = {}
"""Of the trials in this process, which runs all steps."""


class PublishStepOperator(BaseOperator):  # type: ignore[misc]
    """One step of a publish: reads the state of the step before from XCom and returns its own, which holds no secrets.

    Every step can be retried. After the cleanup of a run, clear it from `export` on.
    """

    operator_extra_links = (GenerationLink(),)

    def __init__(self, *, step: str, name: str, target: Target, **options: Any) -> None:
        super().__init__(task_id=step, **options)
        self.step, self.table, self.target = step, name, target
        self._token = ""

    def publish_run(self, dag_id: str, run_id: str) -> str:
        """The id of the publish in the ledger, by the run of the DAG."""
        return f"{dag_id}/{run_id}"

    def execute(self, context: Any) -> dict[str, Any]:
        """Raises:
        StirError: the step was refused; readers keep what they have.
        AirflowSkipException: readers already have this content, or no earlier step has begun.
        """
        from stir.lineage.report import reporter
        from stir.settings import load_settings

        settings = with_ssh_connection(load_settings())
        try:
            return self._step(context, settings)
        finally:
            reporter(settings).close()  # a task's process ends without the interpreter's farewell

    def _step(self, context: Any, settings: Settings) -> dict[str, Any]:
        from stir.publish import STEPS, begin
        from stir.publish.lineage import PublishReport
        from stir.publish.progress import LogObserver

        instance = context["ti"]
        report = PublishReport(settings, self.table, self.target, self.publish_run(instance.dag_id, instance.run_id))
        if is_single() and self.step != ORDER[0]:
            raise AirflowSkipException(
                f"{self.step} needs the steps before it; `airflow dags test {instance.dag_id}` runs them all"
            )
        if self.step == ORDER[0]:
            params = context["params"]
            if not is_trial():
                report.began()
            try:
                state = begin(
                    settings,
                    self.table,
                    target=self.target,
                    run_id=report.run_id,
                    force=bool(params["force"]),
                    allow=tuple(params["allow"] or ()),
                    keeper=self._keeper(settings) if is_trial() else None,
                )
            except Exception as error:
                report.failed(str(error))
                raise
            # If the step fails, the cleanup must know what was begun.
            instance.xcom_push(key=BEGUN, value=state.to_dict())
        else:
            state = self._handed_on(instance)
        if is_trial():
            return self._try(settings, state)
        if state.decided and self.step != "tidy":
            self.log.info("nothing is left to do: %s", describe(state))
            raise AirflowSkipException(describe(state))
        self._token = state.token
        state = STEPS[self.step](settings, state, LogObserver(self.log))
        self.log.info("%s: %s", self.step, describe(state))
        if self.step == "tidy" and state.decided:
            report.ended(state.outcome, state.generation, state.rows, state.bytes)
        elif self.step == "tidy":
            report.failed("a step failed; its task's log says why")
        if self.step == ORDER[0]:
            for warning in state.warnings:
                self.log.warning("%s: guard freshness warns: %s", self.table, warning)
        for outlet in self.outlets:
            figures = {"generation": state.generation, "rows": state.rows, "checksum": state.checksum}
            context["outlet_events"][outlet].extra.update(figures)
        return state.to_dict()

    def _try(self, settings: Settings, state: PublishState) -> dict[str, Any]:
        """The step in a trial: readers keep their rows, and everything that the trial created is removed.

        Raises:
            AirflowSkipException: this is the swap, or readers already have this content.
        """
        from stir.publish import STEPS
        from stir.publish.progress import LogObserver

        observer = LogObserver(self.log)

        def clear(then: PublishState) -> PublishState:
            done = STEPS["tidy"](settings, then if then.decided else replace(then, outcome="trial"), observer)
            if keeper := _keepers.pop((self.table, self.target), None):
                keeper.close()
            return done

        if self.step == "tidy":
            return clear(state).to_dict()
        if state.decided or self.step == "swap":
            why = describe(state) if state.decided else "a trial: the new table is complete and is not swapped in"
            raise AirflowSkipException(why)
        self._token = state.token
        try:
            after = STEPS[self.step](settings, state, observer)
        except BaseException as error:
            if is_single() or not isinstance(error, Exception):  # no other step follows, also not after Ctrl-C
                clear(state)
            raise
        self.log.info("%s: %s", self.step, describe(after))
        return (clear(after) if is_single() else after).to_dict()

    def _keeper(self, settings: Settings) -> psycopg.Connection:
        """The connection whose life is that of a trial's lease: it ends with the process, even one that is killed."""
        from stir.publish.session import writer

        keeper = writer(settings, self.target, purpose=f"{self.table} trial")
        _keepers[self.table, self.target] = keeper
        return keeper

    def _handed_on(self, instance: Any) -> PublishState:
        """The newest state that an earlier step returned, or else the one with which the first began."""
        from stir.publish import PublishState

        for step in reversed(ORDER[: ORDER.index(self.step)]):
            values = instance.xcom_pull(task_ids=step)
            if values:
                return PublishState.from_dict(values)
        begun = instance.xcom_pull(task_ids=ORDER[0], key=BEGUN)
        if not begun:
            self.log.info("nothing was begun, so there is nothing to clean up")
            raise AirflowSkipException("nothing was begun")
        return PublishState.from_dict(begun)

    def on_kill(self) -> None:
        """Stop the export's queries, which ClickHouse would otherwise finish. PostgreSQL notices a lost client."""
        if self.step == "export" and self._token:
            from stir.connections import clickhouse
            from stir.publish.export.parts import query_prefix
            from stir.settings import load_settings

            statement = "kill query where startsWith(query_id, {prefix:String}) async"
            clickhouse(load_settings()).command(statement, parameters={"prefix": query_prefix(self._token)})


def with_ssh_connection(settings: Settings) -> Settings:
    """The settings with the host of Airflow's SSH connection, if there is one, for transport ssh."""
    if settings.publish_transport != "ssh":
        return settings
    from airflow.exceptions import AirflowNotFoundException
    from airflow.providers.ssh.hooks.ssh import SSHHook

    try:
        hook = SSHHook(ssh_conn_id=SSH_CONNECTION)
    except AirflowNotFoundException:
        return settings
    address = f"ssh://{hook.username}@{hook.remote_host}:{hook.port or 22}"
    key = Path(hook.key_file) if hook.key_file else settings.ssh_key_file
    return settings.model_copy(update={"ssh_url": address, "ssh_key_file": key})


def describe(state: PublishState) -> str:
    """The state of a publish in one line."""
    if state.reason:
        return f"{state.name} to {state.target}: {state.outcome}, {state.reason}"
    outcome = f", {state.outcome}" if state.decided else ""
    generation = f", generation {state.generation}" if state.generation else ""
    carried = f" ({state.carried_rows:,} of them from the live table)" if state.carried_rows else ""
    volume = f"{state.rows:,} rows{carried}, {state.bytes:,} bytes in {state.parts} parts"
    return f"{state.name} to {state.target}: {volume}{outcome}{generation}"
