"""How often a schedule ticks, compared with an independent reader of cron expressions."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from croniter import croniter

from stir.errors import StirError
from stir.settings import PROJECT_DIR
from stir.transform.pace import schedule_of, shortest

SCHEDULES = {
    "*/5 * * * *",
    "8,38 * * * *",
    "10 */5 * * *",
    "0 1-23/2 * * *",
    "3-59/10 * * * *",
    "5/20 0,6-8 * * *",
    "0 6 * * 1",
    "0 2 * * 0",
    "0 2 * * 7",
    "0 12 * * 1-5",
}


def schedules() -> set[str]:
    """Those above, and those of the DAG files."""
    found = set()
    for path in (PROJECT_DIR / "dags").glob("*/*.py"):
        if "schedule=None" not in path.read_text(encoding="utf-8"):
            found.add(schedule_of(path.stem))
    assert len(found) > 40
    return SCHEDULES | found


def test_the_shortest_time_between_two_ticks_is_the_one_of_an_independent_reader() -> None:
    expected = {}
    for schedule in schedules():
        ticks = croniter(schedule, datetime(2026, 1, 1, tzinfo=UTC))
        expected[schedule] = min(b - a for a, b in pairwise(ticks.get_next(datetime) for _ in range(800)))

    assert {schedule: shortest(schedule) for schedule in expected} == expected


@pytest.mark.parametrize("schedule", ["0 0 1 * *", "0 0 * 6 *", "soon 0 * * *"])
def test_a_schedule_that_is_not_understood_is_refused(schedule: str) -> None:
    with pytest.raises(StirError):
        shortest(schedule)
