"""Makes a build wait for the builds that it reads from, for a bounded time, and log what it does not wait for.

A trigger or a rule that reads marts waits for nothing, because it runs again soon. It checks the builds of what it
reads (stir.transform.reading derives them from its SQL) and warns of those whose tables are late.

One rule holds for every upstream DAG in `WAITS_FOR` (stir.transform.ownership): wait for a run that is running or due,
but not for a paused or failed DAG or one that never ran, because old numbers are better than none and the guards of
publishing check their age. The waiting task frees its slot between two checks. Decision 0041.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from airflow.sdk import BaseSensorOperator

from stir.dags.trial import is_dry, is_trial
from stir.transform.ownership import DAG_OF_CADENCE, WAITS_FOR
from stir.transform.pace import pace
from stir.transform.reading import builders_of, oldest_expected

WAIT = "wait_for_upstreams"
"""Id of the task."""

LONGEST = timedelta(minutes=60)
BETWEEN_LOOKS = timedelta(seconds=20)
ACTIVE = ("queued", "running")


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """The state of an upstream DAG in Airflow.

    Attributes:
        paused: none of its runs begins or continues; true also if Airflow does not know the DAG.
        under_way: it has a run that is queued or running and that no later tick made.
        due: a tick at or before the waiting run's has no run yet.
        last: state of its newest scheduled run up to the waiting run's tick; empty when there is none.
        good_since: tick of the newest of those runs that succeeded.
    """

    dag_id: str
    paused: bool = False
    under_way: bool = False
    due: bool = False
    last: str = ""
    good_since: datetime | None = None


@dataclass(frozen=True)
class Verdict:
    """Whether to wait for an upstream, and the line for the log."""

    step: Literal["wait", "go", "warn"]
    line: str


def longest_wait(cadence: str) -> timedelta:
    """The longest wait of a run: a third of the time to its next run, and at most an hour."""
    return min(pace(cadence) / 3, LONGEST)


def judge(upstream: Upstream, waited: timedelta, bound: timedelta) -> Verdict:
    """The decision about one upstream after this time of waiting."""
    name, since = upstream.dag_id, age(upstream)
    if upstream.paused:
        return Verdict("warn", f"{name} is paused and is not waited for: {since}")
    if upstream.under_way or upstream.due:
        what = "has a run under way" if upstream.under_way else "is due and about to run"
        if waited < bound:
            return Verdict("wait", f"{name} {what}: this run waits for it, {minutes(bound - waited)} min at most")
        return Verdict("warn", f"{name} {what} after {minutes(bound)} min of waiting, and this run goes on: {since}")
    if upstream.last == "failed":
        return Verdict("warn", f"the last scheduled run of {name} failed and this run goes on: {since}")
    if upstream.good_since is None:
        return Verdict("warn", f"{name} is not waited for: {since}")
    return Verdict("go", f"{name} is done: {since}")


def age(upstream: Upstream) -> str:
    """The age of the tables that this run reads from an upstream."""
    if upstream.good_since is None:
        return "no scheduled run of it has succeeded, and its tables are as the last build by hand left them"
    return f"its tables are of {upstream.good_since.astimezone(UTC):%Y-%m-%d %H:%M} UTC or later"


def minutes(time: timedelta) -> int:
    """Whole minutes, rounded up."""
    return -(-int(time.total_seconds()) // 60)


def judge_reading(upstream: Upstream, moment: datetime, models: Sequence[str]) -> Verdict:
    """What a run that only reads an upstream's models says about it, at its moment. It never waits."""
    name, since, read = upstream.dag_id, age(upstream), ", ".join(models)
    late = upstream.good_since is not None and moment - upstream.good_since > oldest_expected(name)
    if upstream.paused:
        return Verdict("warn", f"{name}, which builds {read}, is paused: {since}")
    if upstream.last == "failed":
        return Verdict("warn", f"the last scheduled run of {name}, which builds {read}, failed: {since}")
    if upstream.good_since is None or late:
        return Verdict("warn", f"{name}, which builds {read}, is late: {since}")
    return Verdict("go", f"{name} builds {read}: {since}")


def report_reading(context: Any, log: logging.Logger, models: Iterable[str]) -> None:
    """Say in the task's log how old the models are that it reads; late ones as a warning."""
    if is_trial():
        log.info("A trial asks no other DAG how old what it reads is")
        return
    moment = context["dag_run"].run_after
    for dag_id, read in builders_of(models).items():
        verdict = judge_reading(look_at(dag_id, moment), moment, read)
        log.log(logging.WARNING if verdict.step == "warn" else logging.INFO, verdict.line)


def with_reading(doc: str | None, models: Iterable[str]) -> str | None:
    """A DAG's description with what it reads of the warehouse, and whose builds that is."""
    builders = builders_of(models)
    if not builders or not doc:
        return doc
    needs = "; ".join(f"{', '.join(f'`{name}`' for name in read)} of `{dag_id}`" for dag_id, read in builders.items())
    return f"{doc.rstrip()}\n\nWhat it reads: {needs}. It waits for none of them; the log warns of one that is late.\n"


class WaitForUpstreamsOperator(BaseSensorOperator):  # type: ignore[misc]
    """The first task of a build that reads from other builds. Trials, dry runs and backfills wait for nothing."""

    def __init__(self, *, cadence: str, **options: Any) -> None:
        # Our own bound ends the wait with a warning; Airflow's time-out would fail the run.
        more = LONGEST * 2
        super().__init__(mode="reschedule", poke_interval=BETWEEN_LOOKS, timeout=more, **options)
        self.cadence = cadence

    def poke(self, context: Any) -> bool:
        """Whether nothing is left to wait for."""
        from stir.transform.attempts import is_backfill

        if is_dry(context) or is_backfill(context["dag_run"]):
            self.log.info("A trial, a dry run or a backfill waits for no other DAG")
            return True
        begun = context["ti"].get_first_reschedule_date(context)
        waited = datetime.now(UTC) - begun if begun else timedelta()
        moment = context["dag_run"].run_after
        upstreams = [look_at(DAG_OF_CADENCE[cadence], moment) for cadence in sorted(WAITS_FOR[self.cadence])]
        verdicts = [judge(upstream, waited, longest_wait(self.cadence)) for upstream in upstreams]
        waits = [verdict for verdict in verdicts if verdict.step == "wait"]
        for verdict in waits or verdicts:  # log the upstreams that are not waited for only once
            self.log.log(logging.WARNING if verdict.step == "warn" else logging.INFO, verdict.line)
        return not waits


def look_at(dag_id: str, moment: datetime) -> Upstream:
    """Ask Airflow about an upstream DAG, as of the moment of the waiting run. Its schedule is a plain cron."""
    from airflow.sdk.exceptions import AirflowRuntimeError
    from airflow.sdk.execution_time import task_runner
    from airflow.sdk.execution_time.comms import GetDag, GetDRCount, GetPreviousDagRun

    def ask(message: Any) -> Any:
        return task_runner.SUPERVISOR_COMMS.send(message)

    def newest(before: datetime, state: str | None = None) -> Any:
        return ask(GetPreviousDagRun(dag_id=dag_id, logical_date=before, state=state)).dag_run

    try:
        dag = ask(GetDag(dag_id=dag_id))
    except AirflowRuntimeError:  # Airflow knows no such DAG
        return Upstream(dag_id=dag_id, paused=True)
    until = moment + timedelta(microseconds=1)  # Airflow looks for what is before
    last, good = newest(until), newest(until, "success")
    latest = newest(moment + timedelta(days=3650))
    # Do not wait for an active run of a later tick: otherwise the wait for a slow upstream would never end.
    later = bool(latest and latest.state in ACTIVE and latest.logical_date > moment)
    active = ask(GetDRCount(dag_id=dag_id, states=list(ACTIVE))).count
    return Upstream(
        dag_id=dag_id,
        paused=dag.is_paused,
        under_way=active > later,
        due=bool(dag.next_dagrun and dag.next_dagrun <= moment),
        last=str(getattr(last.state, "value", last.state)) if last else "",
        good_since=good.logical_date if good else None,
    )
