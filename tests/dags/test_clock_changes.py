"""Summer time begins and ends without a run too many or too few, whatever zone the machine keeps."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from croniter import croniter

ZONE = "Europe/Berlin"
CHANGES = {"begins": datetime(2026, 3, 29, tzinfo=UTC), "ends": datetime(2026, 10, 25, tzinfo=UTC)}
"""The Sundays on which its clocks are changed, at 01:00 UTC."""
WINDOW = timedelta(hours=36)
"""From the Sunday's beginning: long enough for a tick of every DAG with a clock ..."""
MOST = 60
"""... and of those that tick every few minutes the first so many, which is five hours at least."""


@pytest.fixture(params=CHANGES)
def sunday(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[datetime]:
    """The day of the change, on a machine whose own clock changes."""
    monkeypatch.setenv("TZ", ZONE)
    time.tzset()
    yield CHANGES[request.param]
    monkeypatch.undo()
    time.tzset()


def ticks(timetable: Any, begin: datetime) -> list[datetime]:
    """When Airflow's scheduler would make runs from `begin` on."""
    from airflow.serialization.encoders import coerce_to_core_timetable
    from airflow.timetables.base import TimeRestriction
    from pendulum import instance

    core = coerce_to_core_timetable(timetable)
    restriction = TimeRestriction(earliest=instance(begin), latest=None, catchup=True)
    found: list[datetime] = []
    last = None
    while len(found) < MOST:
        info = core.next_dagrun_info(last_automated_data_interval=last, restriction=restriction)
        if info is None or info.run_after >= begin + WINDOW:
            break
        found.append(info.run_after)
        last = info.data_interval
    return found


def promised(expression: str, begin: datetime) -> list[datetime]:
    """The same from the cron expression alone, by a clock that never changes."""
    clock = croniter(expression, begin - timedelta(seconds=1))
    found: list[datetime] = []
    while (tick := clock.get_next(datetime)) < begin + WINDOW and len(found) < MOST:
        found.append(tick)
    return found


def test_every_dag_runs_at_its_times_and_at_no_other(dags: dict[str, Any], sunday: datetime) -> None:
    clocks = {name: getattr(dag.timetable, "timetable", dag.timetable) for name, dag in dags.items()}
    kept = {name: clock for name, clock in clocks.items() if clock.can_be_scheduled}
    assert len(kept) == len(dags) - 1, "all but the one that is started by hand"
    # Many share an expression, and an expression's ticks are the same for all.
    by_expression = {str(clock.expression): name for name, clock in kept.items()}
    for expression, name in by_expression.items():
        due = promised(expression, sunday)
        assert due
        assert ticks(dags[name].timetable, sunday) == due, name


def test_a_clock_of_the_machines_zone_would_be_noticed(dags: dict[str, Any], sunday: datetime) -> None:
    from airflow.sdk import CronTriggerTimetable

    assert ticks(CronTriggerTimetable("30 2 * * *", timezone=ZONE), sunday) != promised("30 2 * * *", sunday)
