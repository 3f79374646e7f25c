"""How often a DAG runs: read from its file, the only place where a schedule is written.

Builds that wait, warnings about late tables and freshness targets depend on it. A DAG file is text that can be read
without Airflow; a test compares what is read here with what Airflow makes of each file.
"""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cache
from itertools import pairwise

from stir.errors import StirError
from stir.settings import PROJECT_DIR
from stir.transform.ownership import DAG_OF_CADENCE

_SCHEDULE = re.compile(r'^    (?:schedule|latest_start)="([^"]+)",$', re.MULTILINE)
_STEP = re.compile(r"(?:\*|(\d+)(?:-(\d+))?)(?:/(\d+))?")
_DAYS = 15
"""Days that are looked at. A weekly schedule has two ticks in them."""


def schedule_of(dag_id: str) -> str:
    """The cron expression in a DAG's file.

    Raises:
        StirError: there is no such file, or it has no schedule.
    """
    for path in (PROJECT_DIR / "dags").glob(f"*/{dag_id}.py"):
        if found := _SCHEDULE.search(path.read_text(encoding="utf-8")):
            return found[1]
    raise StirError(f"DAG {dag_id} has no schedule", where="dags/", do="give its file a line `schedule=...`")


@cache
def between_runs(dag_id: str) -> timedelta:
    """The shortest time between two runs of a DAG by its schedule."""
    return shortest(schedule_of(dag_id))


def pace(cadence: str) -> timedelta:
    """The shortest time between two builds of a cadence."""
    return between_runs(DAG_OF_CADENCE[cadence])


def shortest(schedule: str) -> timedelta:
    """The shortest time between two ticks of a cron expression that runs by minute, hour and day of the week.

    Raises:
        StirError: it runs by day of the month or by month, or is no such expression.
    """
    minutes, hours, days, months, weekdays = schedule.split()
    if (days, months) != ("*", "*"):
        raise StirError(f"the pace of schedule {schedule!r} is not known", do="use minute, hour and day of the week")
    chosen = {weekday % 7 for weekday in _numbers(weekdays, 0, 7)}
    ticks = [
        timedelta(days=day, hours=hour, minutes=minute)
        for day in range(_DAYS)
        if day % 7 in chosen
        for hour in _numbers(hours, 0, 23)
        for minute in _numbers(minutes, 0, 59)
    ]
    return min(later - earlier for earlier, later in pairwise(ticks))


def _numbers(field: str, least: int, greatest: int) -> list[int]:
    """The numbers of one field of a cron expression, sorted."""
    found: set[int] = set()
    for part in field.split(","):
        match = _STEP.fullmatch(part)
        if match is None:
            raise StirError(f"{field!r} is no field of a schedule", do="use numbers, ranges, lists and steps")
        first, last, step = match.groups()
        low = least if first is None else int(first)
        # A number alone is itself; a number with a step goes to the end of the field.
        high = int(last) if last else (low if first and not step else greatest)
        found.update(range(low, high + 1, int(step or 1)))
    return sorted(found)
