"""How far back a run reads, from its times alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stir.transform.look_back import DAILY_HOURS, WEEKLY_HOURS, look_back_hours

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
SUNDAY = MONDAY - timedelta(days=1)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


def at(day: datetime, hour: int, minute: int = 0) -> datetime:
    return day + timedelta(hours=hour, minutes=minute)


@pytest.mark.parametrize(
    ("tick", "last_good", "hours"),
    [
        (at(MONDAY, 1, 45), at(MONDAY, 1, 30), None),
        (at(MONDAY, 2), at(MONDAY, 1, 45), DAILY_HOURS),
        (at(MONDAY, 2, 15), at(MONDAY, 2), None),
        (at(SUNDAY, 2), at(SUNDAY, 1, 45), WEEKLY_HOURS),
        (at(SUNDAY, 2, 15), at(SUNDAY, 2), None),
    ],
)
def test_the_first_run_after_two_repairs_and_on_sundays_far(
    tick: datetime, last_good: datetime, hours: int | None
) -> None:
    assert look_back_hours(tick, last_good) == hours


def test_a_repair_that_failed_is_made_up_for_by_the_next_run() -> None:
    assert look_back_hours(at(MONDAY, 2, 30), at(MONDAY, 1, 45)) == DAILY_HOURS


def test_a_sunday_on_which_nothing_ran_is_made_up_for() -> None:
    assert look_back_hours(at(MONDAY, 9), at(SUNDAY, 1)) == WEEKLY_HOURS


def test_a_daily_dag_repairs_with_every_run_and_far_with_the_first_after_a_sunday() -> None:
    nights = [at(MONDAY, 0, 30) + timedelta(days=day) for day in range(8)]
    hours = [look_back_hours(tick, tick - timedelta(days=1)) for tick in nights]
    assert hours == [WEEKLY_HOURS, *[DAILY_HOURS] * 6, WEEKLY_HOURS]


def test_without_an_earlier_good_run_the_look_back_is_the_longest() -> None:
    assert look_back_hours(MONDAY, None) == WEEKLY_HOURS


def test_another_time_zone_changes_nothing() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    change = datetime(2026, 10, 25, tzinfo=UTC)  # at 01:00 UTC the clocks there go back
    ticks = [at(change, 0, minute) for minute in range(0, 300, 15)]
    reported = [look_back_hours(tick, tick - timedelta(minutes=15)) for tick in ticks]
    assert reported == [
        look_back_hours(tick.astimezone(berlin), (tick - timedelta(minutes=15)).astimezone(berlin)) for tick in ticks
    ]
    assert [tick for tick, hours in zip(ticks, reported, strict=True) if hours] == [at(change, 2)]


@given(start=moments, minutes=st.integers(5, 180), days=st.integers(1, 15))
def test_a_dag_that_always_succeeds_repairs_once_a_day(start: datetime, minutes: int, days: int) -> None:
    step = timedelta(minutes=minutes)
    ticks = [start + step * number for number in range(timedelta(days=days) // step + 1)]
    reported = [look_back_hours(tick, tick - step) for tick in ticks[1:]]
    assert days - 1 <= sum(hours is not None for hours in reported) <= days + 1
    assert sum(hours == WEEKLY_HOURS for hours in reported) <= days // 7 + 1
