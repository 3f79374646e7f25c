"""The two dbt operators of the transform DAGs, based on those of airflow-dbt-python."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from airflow.sdk.exceptions import AirflowException, AirflowSkipException
from airflow_dbt_python.operators.dbt import DbtBaseOperator, DbtRunOperator, DbtTestOperator

from stir.settings import PROJECT_DIR, Settings, load_settings
from stir.transform.attempts import Attempt, Progress, earlier_progress, is_backfill, keep_artifacts, keep_progress
from stir.transform.costs import NodeCost, read_attempt
from stir.transform.first_build import Unbuilt, UpstreamUnbuiltError, looking, only_one
from stir.transform.look_back import VARIABLE, look_back_hours
from stir.transform.summary import NodeOutcome, outcomes, render


class InPlaceDbtOperator(DbtBaseOperator):  # type: ignore[misc]
    """Runs dbt in the project folder, keeps artifacts, logs a summary, and stops its statements when it is killed."""

    _attempt: Attempt | None = None

    def run_dbt(
        self,
        context: Any,
        settings: Settings,
        attempt: Attempt,
        *,
        command: str = "",
        instead: Mapping[str, Any] = MappingProxyType({}),
        variables: Mapping[str, str] = MappingProxyType({}),
    ) -> list[NodeOutcome]:
        """Run this operator's dbt command and return the result of each node. Failed nodes do not raise.

        `variables` are added to dbt's environment. `command` and the options of `instead` go before the operator's own.

        Raises:
            AirflowException: dbt itself could not run (project or profile broken, server away).
        """
        from stir.connections import clickhouse
        from stir.transform.environment import dbt_environment
        from stir.transform.hook import InPlaceDbtHook

        def keep_target(target: Path) -> None:
            with self.best_effort("Artifacts were not kept"):
                self.log.info("Artifacts: %s", ", ".join(keep_artifacts(settings, attempt, target)) or "none")

        self._attempt = attempt
        self.project_dir = str(PROJECT_DIR)
        self.profiles_dir = str(PROJECT_DIR / "profiles")
        self.write_json = True
        self.no_use_colors = True
        self.env_vars = {**dbt_environment(settings), **moment_of(context), **variables}
        hook = InPlaceDbtHook(settings, attempt.label, keep_target)
        options = {**{name: value for name, value in vars(self).items() if name != "write_perf_info"}, **instead}
        try:
            result = hook.run_dbt_task(command or self.command, **options)
        except UnboundLocalError as error:
            # dbt prints that it cannot connect and continues without a result, which the stock hook does not expect.
            raise AirflowException("dbt could not connect to ClickHouse; the lines above say why") from error
        costs: dict[str, NodeCost] = {}
        with self.best_effort("The query log gave no costs"):
            costs = read_attempt(clickhouse(settings), attempt.label)
        nodes = outcomes(result.run_results.results if result.run_results else [], costs)
        self.log.info("dbt %s %s\n%s", command or self.command, " ".join(options["select"] or []), render(nodes))
        return nodes

    @contextmanager
    def best_effort(self, complaint: str) -> Iterator[None]:
        """Log and ignore errors of optional steps, such as uploading artifacts while S3 is away."""
        try:
            yield
        except Exception as error:
            self.log.warning("%s: %s", complaint, error)

    def on_kill(self) -> None:
        """Stop this attempt's statements. Airflow kills the process five seconds after it calls this."""
        from stir.connections import clickhouse
        from stir.transform.stopping import kill_queries, refuse_statements

        if self._attempt is None:
            return
        refuse_statements("the Airflow task was stopped")
        left = kill_queries(clickhouse(load_settings()), self._attempt.label)
        self.log.warning("Stopped: dbt starts no further statement; %s statements are still ending in ClickHouse", left)


class BuildCadenceOperator(InPlaceDbtOperator, DbtRunOperator):  # type: ignore[misc]
    """Build the models of one cadence. A retry builds only the models that earlier tries did not.

    A run by hand may select fewer (params `select`, `full_refresh`, `dry_run`), but never models of other cadences.
    Returns (XCom) `{"built": {model: rows written}, "seconds": of the models}` over all tries of the run.
    """

    def __init__(self, *, cadence: str, **options: Any) -> None:
        super().__init__(select=[f"tag:{cadence}"], **options)
        self.cadence = cadence

    def execute(self, context: Any) -> dict[str, Any]:
        """Raises:
        AirflowException: models failed (their names), or nothing was selected.
        """
        settings, attempt, params = load_settings(), attempt_of(context), context["params"]
        self.select = narrowed(self.cadence, str(params.get("select") or ""))
        self.full_refresh = bool(params.get("full_refresh"))
        if self.is_dry(context):
            self.log.info("Dry run: nothing is built. Selected: %s", ", ".join(self.selected(settings)) or "nothing")
            return {"built": {}, "seconds": 0.0}
        earlier = Progress()
        with self.best_effort("The results of earlier tries are not known, so everything is built"):
            earlier = earlier_progress(settings, attempt)
        if earlier.built:
            self.exclude = sorted(earlier.built)
            self.log.info("%d models were built by an earlier try and are not built again", len(earlier.built))
        nodes = self._build(context, settings, attempt)
        if not nodes and not earlier.built:
            selection = f"no model is tagged {self.cadence!r}" + (" and selected" if params.get("select") else "")
            raise AirflowException(f"{selection}; a run that built nothing must not succeed")
        built = {
            **earlier.built,
            **{node.name: node.cost.written_rows if node.cost else None for node in nodes if node.good},
        }
        with self.best_effort("The next try will not know what this one built"):
            keep_progress(settings, attempt, Progress(built, complete=all(node.good for node in nodes)))
        raise_for_failed(nodes)
        return {"built": built, "seconds": round(sum(node.seconds for node in nodes), 2)}

    def _build(self, context: Any, settings: Settings, attempt: Attempt) -> list[NodeOutcome]:
        """Build the selected models; before them what they read and nobody has built yet. The nodes of this cadence."""
        repair = self._look_back(context)
        with ExitStack() as held:

            def look(find: Callable[[], Unbuilt]) -> None:
                found = find()
                if found.own or found.upstream:
                    with self.best_effort("Another build may run while tables are missing"):
                        held.enter_context(only_one(settings))
                    found = find()  # who had the place may have built them
                if found.upstream:
                    raise UpstreamUnbuiltError(found)

            try:
                with looking(look):
                    return self.run_dbt(context, settings, attempt, variables=repair)
            except UpstreamUnbuiltError as error:
                unbuilt = error.unbuilt
            names = sorted(unbuilt.upstream)
            self.log.info("Never built, and built first: %s", ", ".join(names))
            instead = {"select": names, "exclude": None, "full_refresh": None, "resource_types": ["model", "seed"]}
            first = self.run_dbt(context, settings, attempt, command="build", instead=instead)
            own = [node for node in first if node.good and node.name in unbuilt.own]
            self.exclude = sorted({*(self.exclude or []), *(node.name for node in own)})
            return own + self.run_dbt(context, settings, attempt, variables=repair)

    def is_dry(self, context: Any) -> bool:
        """Whether this run only logs what it would build."""
        return bool(context["params"].get("dry_run"))

    def selected(self, settings: Settings) -> list[str]:
        """Names of the models that this run would build.

        Raises:
            StirError: dbt failed.
        """
        from stir.transform.runner import list_models

        return list_models(settings, self.select or [])

    def _look_back(self, context: Any) -> dict[str, str]:
        """A longer look-back if this run repairs; it is logged."""
        hours = repair_hours(context)
        if hours is None:
            return {}
        self.log.info("This run repairs: it reads %d hours back", hours)
        return {VARIABLE: str(hours)}


class CheckMartOperator(InPlaceDbtOperator, DbtTestOperator):  # type: ignore[misc]
    """Run the data tests of a published mart; only when they pass is the mart's asset (the outlet) updated.

    A test of severity `warn` is logged and does not hold the mart back.
    """

    def __init__(self, *, mart: str, build_task_id: str = "build", **options: Any) -> None:
        super().__init__(select=[mart], exclude=["test_type:unit"], **options)
        self.mart = mart
        self.build_task_id = build_task_id

    def execute(self, context: Any) -> dict[str, Any]:
        """Raises:
        AirflowSkipException: this run did not build the mart, or built it as of a past day.
        AirflowException: tests failed (their names), or the mart has no test.
        """
        report = context["ti"].xcom_pull(task_ids=self.build_task_id) or {}
        if self.mart not in report.get("built", {}):
            self.log.info("%s was not built in this run, so there is nothing new to announce", self.mart)
            raise AirflowSkipException(f"{self.mart} was not built in this run")
        nodes = self.run_dbt(context, load_settings(), attempt_of(context))
        if not nodes:
            raise AirflowException(f"{self.mart} has no data test, and a mart without tests is not published")
        raise_for_failed(nodes)
        if moment_of(context):
            self.log.info("%s was built as of a past day, which must not be published", self.mart)
            raise AirflowSkipException(f"{self.mart} was built as of a past day")
        return {"tests": len(nodes), "rows": report["built"][self.mart]}


def narrowed(cadence: str, selection: str) -> list[str]:
    """dbt selectors for the part of a cadence that `selection` (dbt selectors, blanks between them) names."""
    return [f"tag:{cadence},{part}" for part in selection.split()] or [f"tag:{cadence}"]


def moment_of(context: Any) -> dict[str, str]:
    """The moment of a backfilled run: that of the past day. Empty for any other run, and for one that rebuilds days as
    they are known today."""
    run = context["dag_run"]
    is_past = is_backfill(run) and not context["params"].get("rebuild")
    return {"STIR_AS_OF": run.logical_date.isoformat()} if is_past else {}


def repair_hours(context: Any) -> int | None:
    """The look-back of a scheduled run with a due repair. Runs by hand and backfills do not repair."""
    run = context["dag_run"]
    if run.run_type != "scheduled":
        return None
    last_good = context.get("prev_data_interval_end_success")
    # Airflow passes a proxy, which is never None itself.
    return look_back_hours(run.logical_date, getattr(last_good, "__wrapped__", last_good))


def attempt_of(context: Any) -> Attempt:
    """The attempt of a task's context."""
    instance = context["ti"]
    return Attempt(instance.dag_id, instance.run_id, instance.task_id, instance.try_number)


def raise_for_failed(nodes: Sequence[NodeOutcome]) -> None:
    """Raises:
    AirflowException: names the nodes that failed.
    """
    failed = [node.name for node in nodes if node.failed]
    skipped = sum(not node.good and not node.failed for node in nodes)
    if failed:
        behind = f"; {skipped} downstream of them were skipped" if skipped else ""
        raise AirflowException(f"{len(failed)} of {len(nodes)} failed: {', '.join(failed)}{behind}")
