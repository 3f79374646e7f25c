"""Operations DAGs: one task that applies a rule to the application's tables, checks freshness, or removes old data."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any, Unpack

from airflow.sdk import DAG, BaseOperator, Param

from stir.dags.base import DagOptions, ScheduledDagOptions, shaped_dag
from stir.dags.trial import is_dry, is_trial
from stir.dags.upstreams import report_reading, with_reading
from stir.operations.rules import Rule

POOL = "postgres"
TIMEOUT = timedelta(minutes=20)

DRY_RUN = Param(
    False,
    type="boolean",
    title="Dry run",
    description="Only log what would be done, and keep nothing.",
)


class ApplyRuleOperator(BaseOperator):  # type: ignore[misc]
    """Apply one rule of stir.operations.rules, in one transaction; safe to run again and at the same time.

    Returns (XCom) `{"changed": rows, "kept": False for a dry run}`; the log names the rows.
    """

    def __init__(self, *, rule: str, reads: Collection[str] = (), **options: Any) -> None:
        super().__init__(**options)
        self.rule = rule
        self.reads = sorted(reads)

    def execute(self, context: Any) -> dict[str, Any]:
        """Raises:
        psycopg.Error, clickhouse_connect.driver.exceptions.Error: a server is away or refuses; nothing was changed.
        """
        from stir.operations.rules import run_rule
        from stir.settings import load_settings

        report_reading(context, self.log, self.reads)
        outcome = run_rule(load_settings(), self.rule, dry_run=is_dry(context))
        self.log.info(outcome.line)
        return {"changed": len(outcome.keys), "kept": outcome.kept}


class CheckFreshnessOperator(BaseOperator):  # type: ignore[misc]
    """Compare everything with its freshness target, and send one alert for each new breach.

    Returns (XCom) `{"promises": number, "broken": subjects, "opened": new breaches, "closed": subjects}`. It
    succeeds whatever it finds: a failed run means that the check itself was impossible.
    """

    def execute(self, context: Any) -> dict[str, Any]:
        """Raises:
        psycopg.Error: PostgreSQL is away, where breaches are kept.
        """
        from stir.alerts.notifier import Alert, notify
        from stir.operations.freshness import Reading, check, look
        from stir.settings import load_settings

        owner = str(self.owner)

        def alert(reading: Reading) -> None:
            what = f"{reading.seen}, promised {reading.promise.text}"
            notify(Alert(reading.promise.subject, reading.promise.tier, what, owner=owner))

        report = look(load_settings()) if is_trial() else check(load_settings(), alert)
        self.log.info("Promises\n%s", report.text)
        if not is_trial():
            self._record_runs()
        return {
            "promises": len(report.readings),
            "broken": [reading.promise.subject for reading in report.readings if not reading.kept],
            "opened": [reading.promise.subject for reading in report.opened],
            "closed": list(report.closed),
        }

    def _record_runs(self) -> None:
        """Copy the ends of DAG runs for the application; what it cannot copy says so, and the check stands."""
        import psycopg

        from stir.errors import StirError
        from stir.operations.pipeline_runs import record
        from stir.settings import load_settings

        try:
            self.log.info("Runs of the last 26 hours noted for the application: %d", record(load_settings()))
        except (StirError, psycopg.Error) as error:
            self.log.warning("No runs are noted for the application: %s", error)


class ApplyRetentionOperator(BaseOperator):  # type: ignore[misc]
    """Log what retention would remove, then remove it, unless this is a dry run.

    Returns (XCom) `{"found": {sweep: number}, "removed": whether}`.
    """

    def execute(self, context: Any) -> dict[str, Any]:
        """Raises:
        StirError: some items could not be removed. Each was tried separately, and all others are removed.
        psycopg.Error, clickhouse_connect.driver.exceptions.Error, botocore.exceptions.ClientError: a server was away
            when the things were looked for, and nothing was removed.
        """
        from stir.errors import StirError
        from stir.operations.retention import remove, survey
        from stir.settings import load_settings

        settings = load_settings()
        found = survey(settings)
        self.log.info("Found\n%s", "\n".join(find.line for find in found))
        going = not is_dry(context)
        if going:
            removed = remove(settings)
            self.log.info("Removed\n%s", "\n".join(find.line for find in removed))
            if stay := [f"{find.sweep}: {trouble}" for find in removed for trouble in find.troubles]:
                raise StirError(
                    f"{len(stay)} items could not be removed: {'; '.join(stay)}",
                    do="remove what blocks them; all other items are removed, and the next run tries again",
                )
        return {"found": {find.sweep: find.count for find in found}, "removed": going}


def rule_dag(dag_id: str, **options: Unpack[ScheduledDagOptions]) -> DAG:
    """The DAG `dag_id`: applies the rule of that name at each tick of its schedule."""
    reads = Rule(dag_id).models_read
    options["doc"] = with_reading(options["doc"], reads)
    with (dag := shaped_dag(dag_id, timeout=TIMEOUT, params={"dry_run": DRY_RUN}, **options)):
        ApplyRuleOperator(task_id="apply", rule=dag_id, reads=reads, pool=POOL)
    return dag


def freshness_dag(dag_id: str, *, schedule: str, **options: Unpack[DagOptions]) -> DAG:
    """The DAG `dag_id`: compares the age of sources, models, publications and queues with their targets."""
    with (dag := shaped_dag(dag_id, category="utility", schedule=schedule, timeout=TIMEOUT, params={}, **options)):
        CheckFreshnessOperator(task_id="check")
    return dag


def retention_dag(dag_id: str, *, schedule: str, **options: Unpack[DagOptions]) -> DAG:
    """The DAG `dag_id`: removes data that is older than the retention settings allow."""
    params = {"dry_run": DRY_RUN}
    with (dag := shaped_dag(dag_id, category="utility", schedule=schedule, timeout=TIMEOUT, params=params, **options)):
        ApplyRetentionOperator(task_id="sweep")
    return dag
