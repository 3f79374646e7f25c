"""The pace at which a cadence is thought to run is the pace of its DAG's schedule."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from croniter import croniter

from stir.transform.ownership import DAG_OF_CADENCE, MINUTES_BETWEEN_RUNS


@pytest.mark.parametrize("cadence", DAG_OF_CADENCE)
def test_minutes_between_runs_are_those_of_the_schedule(dags: dict[str, Any], cadence: str) -> None:
    schedule = croniter(dags[DAG_OF_CADENCE[cadence]].timetable.expression, datetime(2026, 1, 1, tzinfo=UTC))
    runs = [schedule.get_next(datetime) for _ in range(60)]

    assert (
        min(later - earlier for earlier, later in pairwise(runs)).total_seconds() / 60 == MINUTES_BETWEEN_RUNS[cadence]
    )
