"""A run of a transform DAG that builds past days again beside the live tables, as `./stir backfill` does.

Param `rebuild` asks for it. A run of an Airflow backfill takes the day of its tick, a run by hand the days of
`rebuild_from` and `rebuild_to`. Nothing is built as of a past moment: the days get what is known of them today.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from airflow.sdk import Param
from airflow.sdk.exceptions import AirflowFailException

from stir.operations.backfill.progress import Observer
from stir.settings import Settings
from stir.transform.attempts import is_backfill

if TYPE_CHECKING:
    from stir.operations.backfill.comparison import Change

PARAMS = {
    "rebuild": Param(
        False,
        type="boolean",
        title="Rebuild days",
        description="Build days again beside the live tables, compare, and swap them in, instead of building what is"
        " new. A run of a backfill takes its own day.",
    ),
    "rebuild_from": Param(
        None, type=["null", "string"], format="date", title="Rebuild from", description="First day, for a run by hand."
    ),
    "rebuild_to": Param(
        None, type=["null", "string"], format="date", title="Rebuild to", description="Last day, for a run by hand."
    ),
}


class LogObserver(Observer):
    """Writes stages, models, partitions and what changes into the task's log."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log

    def stage(self, name: str) -> None:
        """A stage begins."""
        self._log.info("%s", name)

    def step(self, done: int, total: int, what: str) -> None:
        """A model or a partition is done."""
        self._log.info("%d of %d: %s", done, total, what)

    def compared(self, changes: Sequence[Change]) -> None:
        """It is known what changes."""
        for change in changes:
            before, after = (
                sum(getattr(each, name) for each in change.periods) for name in ("rows_before", "rows_after")
            )
            differing = sum(not period.same for period in change.periods)
            self._log.info(
                "%s: %s rows before, %s after, %d of %d periods differ",
                change.target.model, f"{before:,}", f"{after:,}", differing, len(change.periods),
            )  # fmt: skip


def days_of(context: Any) -> tuple[date, date] | None:
    """The days that a run is asked to rebuild; None for a run that builds the present.

    Raises:
        AirflowFailException: the run is no backfill's and names no days, or is a backfill's and names some. A retry
            would be the same.
    """
    params = context["params"]
    if not params.get("rebuild"):
        return None
    first, last = params.get("rebuild_from"), params.get("rebuild_to")
    if is_backfill(context["dag_run"]):
        if first or last:
            raise AirflowFailException("a run of a backfill rebuilds its own day: leave out rebuild_from, rebuild_to")
        day = context["dag_run"].logical_date.date()
        return day, day
    if not (first and last):
        raise AirflowFailException("a run by hand that rebuilds needs both rebuild_from and rebuild_to")
    return date.fromisoformat(str(first)), date.fromisoformat(str(last))


def rebuild(settings: Settings, of: str, days: tuple[date, date], log: logging.Logger, *, dry: bool) -> dict[str, Any]:
    """Rebuild the days of the models that `of` names (models or tags, blanks between them).

    Returns what a build returns, of the models that were swapped: `{"built": {model: rows of the days}, "seconds": _}`

    Raises:
        StirError: as of a backfill. The task's next try goes on from there.
    """
    import time

    from stir import connections
    from stir.operations.backfill.run import Request, backfill, make_plan
    from stir.transform.manifest import read_dbt_manifest

    request = Request(of, *days)
    if dry:
        with connections.clickhouse(settings) as client:
            found = make_plan(settings, client, read_dbt_manifest(settings), request)
        for target in found.targets:
            log.info(
                "Dry run: %s would be built again for the days from %s, before %s",
                target.model,
                target.first,
                target.end,
            )
        return {"built": {}, "seconds": 0.0}
    began = time.monotonic()
    outcome = backfill(settings, request, LogObserver(log))
    rows = {each.target.model: sum(period.rows_after for period in each.periods) for each in outcome.changes}
    for model, fate in (outcome.backfill.plan.readers or {}).items():
        log.info("%s reads these days: %s", model, fate)
    log.info("%s is %s; `./stir backfill --list` shows it", outcome.backfill.words, outcome.backfill.phase)
    built = {model: rows.get(model) for model in outcome.backfill.swaps}
    return {"built": built, "seconds": round(time.monotonic() - began, 2)}
